"""What the CVSformer goldens need beyond ``fill.py`` (numpy only).

Keep this file beside ``fill.py``; ``python fill_cvsformer.py`` checks it.
"""

import itertools
import math

import fill
import numpy as np

SEG_CLASSES = 14  # NYU 13-class labels and 0 = unlabelled
# voxel class 0..11 -> 2D label (bed 1, books 2, ceiling 3, chair 4, floor 5,
# furniture 6, objects 7, picture 8, sofa 9, table 10, tv 11, wall 12,
# window 13)
VOXEL_TO_SEG = (0, 3, 5, 12, 13, 4, 1, 9, 10, 11, 6, 7)
CLASS_WEIGHT = tuple(
    10 * w
    for w in (
        0.010820392313388523,
        0.4585814244886793,
        0.0411831291920445,
        0.04826918042332931,
        0.33162496143513115,
        0.22373353821746247,
        3 * 0.09748478737233816,
        0.1478032329336482,
        0.16258443136359715,
        1.0,
        0.0254366993244824,
        0.05126348601814224,
    )
)


def fill_tensor(name, shape, seed):
    """``fill.fill_tensor``, and rules for the entries it does not know.

    * ``...cls_token.I``, ``...pos_embed.I``: 0.5 n
    * ``gamma_1``, ``gamma_2`` (layer scale): 1 + 0.1 n
    * ``theta.weight``, ``phi.weight`` (query and key of the cross-view
      attention): an eighth of ``fill.fill_tensor``, so that the unscaled
      attention is not one-hot
    """
    shape = tuple(int(s) for s in shape)
    leaf = name.rsplit('.', 1)[-1]
    if leaf.isdigit():
        return (0.5 * fill.normal(name, seed, shape)).astype(np.float32)
    if leaf in ('gamma_1', 'gamma_2'):
        return (1.0 + 0.1 * fill.normal(name, seed, shape)).astype(np.float32)
    out = fill.fill_tensor(name, shape, seed)
    quiet = name.endswith(('theta.weight', 'phi.weight'))
    return out / np.float32(8) if quiet else out


def make_seg2d(seed, batch=1, prefix='scene', inputs=None):
    """(B, 480, 640) uint8 in 0..13: a made-up result of a 2D segmenter.

    Blocks of 16 x 16 pixels with one random label each; of the pixels that a
    voxel owns three in four show that voxel's class.
    """
    if inputs is None:
        inputs = fill.make_inputs(seed, batch, prefix)
    table = np.zeros(256, dtype=np.int64)
    table[:12] = VOXEL_TO_SEG
    out = []
    for i in range(batch):
        tag = f'{prefix}{i}/seg'
        blocks = fill.integers(tag + '/block', seed, 0, SEG_CLASSES, (30, 40))
        seg = blocks.repeat(16, 0).repeat(16, 1)
        owned = inputs['mapping2d'][i] != -1
        truth = table[inputs['label'][i][inputs['mapping2d'][i][owned]]]
        keep = fill.uniform(tag + '/keep', seed, truth.shape) < 0.75
        seg[owned] = np.where(keep, truth, seg[owned])
        out.append(seg)
    return np.stack(out).astype(np.uint8)


def tap_matrix(degrees):
    """(27, 75) float64: the 3x3x3 taps turned, as weights over 5x5x3 voxels.

    Row m = ((d + 1) * 3 + h + 1) * 3 + w + 1 for the tap at (d, h, w);
    column ((a + 2) * 5 + b + 2) * 3 + c + 1 for the voxel at (a, b, c). The
    tap lands on (d cos - h sin, d sin + h cos, w) and takes the trilinear
    weights of that point. Exact for 90 degrees (one weight of 1 a row).
    """
    root = math.sqrt(0.5)
    cos, sin = {0: (1, 0), 45: (root, root), 90: (0, 1), 135: (-root, root)}[degrees]
    out = np.zeros((27, 5, 5, 3))
    taps = itertools.product((-1, 0, 1), repeat=3)
    for row, (d, h, w) in zip(out, taps):
        point = (d * cos - h * sin, d * sin + h * cos)
        low = [math.floor(p) for p in point]
        part = [p - q for p, q in zip(point, low)]
        for a, b in itertools.product((0, 1), repeat=2):
            weight = (part[0] if a else 1 - part[0]) * (part[1] if b else 1 - part[1])
            if weight:
                row[low[0] + a + 2, low[1] + b + 2, w + 1] += weight
    return out.reshape(27, 75)


DIGESTS = {
    'seg2d': '4940df1d0f3dfd20',
    'token': '84305a55d4e2b2ad',
    'gamma': 'b1f486be96b4eeaa',
    'query': 'eefc9a18d8a26bd9',
    'taps': 'a2335a7762e08c29',
}


def self_check():
    """Digests of this copy's output, to compare with ``DIGESTS``."""
    return {
        'seg2d': fill.digest(make_seg2d(0, 2)),
        'token': fill.digest(fill_tensor('stage2.cls_token.0', (1, 75, 8), 3)),
        'gamma': fill.digest(fill_tensor('a.gamma_1', (8,), 3)),
        'query': fill.digest(fill_tensor('a.theta.weight', (8, 16, 1, 1, 1), 3)),
        'taps': fill.digest(*(np.round(tap_matrix(a), 12) for a in (0, 45, 90, 135))),
    }


if __name__ == '__main__':
    result = self_check()
    bad = [k for k in result if DIGESTS.get(k) != result[k]]
    for k, v in result.items():
        print(f'{k:20s} {v} {"MISMATCH" if k in bad else "ok"}')
    raise SystemExit(1 if bad else 0)
