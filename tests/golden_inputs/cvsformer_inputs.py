"""Weights and pixel labels of CVSformer, and its turned kernels."""

import numpy as np

from .scenes import enlarge, make_inputs
from .streams import Streams
from .weights import fill_tensor as fill_plain

_SEG_CLASSES = 14
# the class of NYU's 13 (and 0) for each of the 12 of voxels
_SEG_OF_VOXEL = np.array([0, 3, 5, 12, 13, 4, 1, 9, 10, 11, 6, 7])


def fill_tensor(name, shape, seed):
    """As :func:`golden_inputs.weights.fill_tensor`, with three more rules.

    Tokens and positions are 0.5 n, layer scales 1 + 0.1 n; what makes queries
    and keys is divided by 8, so that attention without a scale is not one-hot.
    """
    kind = name.split('.')[-1]
    if kind.isdigit() or kind.startswith('gamma_'):
        n = Streams(seed).normal(name, tuple(shape))
        values = 0.5 * n if kind.isdigit() else 1 + 0.1 * n
        return values.astype(np.float32)
    values = fill_plain(name, shape, seed)
    if name.endswith(('theta.weight', 'phi.weight')):
        values = values / np.float32(8)
    return values


def make_seg2d(seed, batch=1, prefix='scene', inputs=None):
    """What a segmentation of the photos might say, (B, 480, 640) uint8, 0..13.

    Blocks of 16 pixels; of the pixels with a voxel three in four are right.
    """
    inputs = inputs or make_inputs(seed, batch, prefix)
    maps = []
    for index, voxels in enumerate(inputs['mapping2d']):
        draw = Streams(seed, f'{prefix}{index}/seg')
        blocks = draw.integers('/block', 0, _SEG_CLASSES, (30, 40))
        seg = enlarge(blocks, 16, 16)
        mapped = voxels >= 0
        labels = inputs['label'][index][voxels[mapped]]
        # 255 has none
        right = np.where(labels < 12, _SEG_OF_VOXEL[np.minimum(labels, 11)], 0)
        is_right = draw.uniform('/keep', right.shape) < 0.75
        seg[mapped] = np.where(is_right, right, seg[mapped])
        maps.append(seg)
    return np.stack(maps).astype(np.uint8)


def tap_matrix(degrees):
    """Where the taps of a turned 3x3x3 kernel read, (27, 75).

    A tap at (d, h, w) reads 5 x 5 x 3 voxels, with weights that fall linearly
    to 0 over a voxel from (d cos - h sin, d sin + h cos, w).

    Args:
        degrees (int): A multiple of 45.
    """
    root = np.sqrt(0.5)
    circle = [(1.0, 0.0), (root, root), (0.0, 1.0), (-root, root)]
    cos, sin = circle[degrees // 45]
    d, h, w = np.mgrid[-1:2, -1:2, -1:2].reshape(3, 27, 1)
    a, b, c = np.mgrid[-2:3, -2:3, -1:2].reshape(3, 1, 75)
    away = (d * cos - h * sin - a, d * sin + h * cos - b, w - c)
    return np.prod([(1 - abs(axis)).clip(min=0) for axis in away], axis=0)
