"""Latents of 3D-Sketch, and its sketches by their definition."""

import numpy as np
from scipy.ndimage import correlate

from .scenes import GRID, known
from .streams import Streams


def make_latents(seed, batch=1, kind='z'):
    """What a network draws otherwise.

    Args:
        seed (int): Of the draws.
        batch (int): B.
        kind (str): ``z``, samples of the prior; ``eps``, what training adds to
            the means of the posterior.

    Returns:
        np.ndarray: (4, B, 16, 15, 9, 15) float32.
    """
    draw = Streams(seed, f'cvae/{kind}')
    latents = [draw.normal(str(index), (batch, 16, 15, 9, 15)) for index in range(4)]
    return np.stack(latents).astype(np.float32)


def make_sketch(label):
    """Edges (..., 129600), 0 or 1, of label volumes.

    A voxel is one where at least two of the three Sobel-like filters of the
    class numbers (255 as 0) answer.
    """
    smooth, box, slope = [1, 2, 1], [1, 1, 1], [1, 0, -1]
    filters = [
        np.einsum('i,j,k', *taps)
        for taps in [(smooth, box, slope), (slope, box, smooth), (box, slope, smooth)]
    ]
    volumes = known(label).astype(np.int64).reshape(-1, *GRID)
    answers = [
        [correlate(volume, taps, mode='constant') != 0 for taps in filters]
        for volume in volumes
    ]
    return (np.sum(answers, axis=1) >= 2).astype(np.int64).reshape(label.shape)
