"""Frames of drawn rooms: image, volumes, mapping and labels."""

import numpy as np
from scipy.ndimage import distance_transform_cdt

from .streams import Streams

GRID = (60, 36, 60)  # sideways, up, away
NUM_VOXELS = 60 * 36 * 60
IMAGE = (480, 640)
NUM_PIXELS = 480 * 640  # in a mapping: no pixel
NUM_CLASSES = 12
IGNORE = 255
# of the image, as the networks take it
MEAN = np.array([123.675, 116.28, 103.53])
STD = np.array([58.395, 57.12, 57.375])

# where the sides of a room may lie, in voxels
_SIDES = dict(far=(50, 56), left=(1, 4), right=(56, 59), floor=(1, 4), top=(30, 34))
# class, size, and how high above the floor
_FURNITURE = [
    (6, (14, 5, 16), 1),
    (8, (9, 4, 8), 1),
    (5, (5, 8, 5), 1),
    (5, (5, 7, 5), 1),
    (7, (15, 6, 7), 1),
    (10, (8, 14, 5), 1),
    (10, (6, 9, 6), 1),
    (9, (7, 5, 2), 9),
    (11, (4, 4, 4), 6),
    (11, (3, 5, 3), 1),
    (11, (5, 3, 4), 12),
]
# of the voxels that have a pixel: how many are solid, without label, free
_MAPPED = dict(solid=7000, odd=300, free=700)


def make_inputs(seed, batch=1, prefix='scene'):
    """A batch of frames; each is the same in batches of any size.

    Args:
        seed (int): Of the frames.
        batch (int): B.
        prefix (str): Frames of another one are others.

    Returns:
        dict: ``img_u8`` (B, 480, 640, 3) RGB uint8, ``img`` (B, 3, 480, 640)
        float32, the same normalized; ``tsdf``, ``tsdf_cad``
        (B, 1, 60, 36, 60) float32; ``mapping`` (B, 129600) and ``mapping2d``
        (B, 480, 640) int64; ``label`` (B, 129600) int64 and ``label_weight``
        (B, 129600) bool.
    """
    frames = [_make_frame(Streams(seed, f'{prefix}{index}')) for index in range(batch)]
    inputs = {key: np.stack([frame[key] for frame in frames]) for key in frames[0]}
    image = ((inputs['img_u8'] - MEAN) / STD).astype(np.float32)
    inputs['img'] = np.ascontiguousarray(image.transpose(0, 3, 1, 2))
    return inputs


def _make_frame(draw):
    label = _draw_room(draw)
    noisy, clean = _draw_tsdf(draw, label)
    mapping = _draw_mapping(draw, label.ravel())
    return dict(
        img_u8=_draw_image(draw),
        tsdf=noisy[None],
        tsdf_cad=clean[None],
        mapping=mapping,
        mapping2d=_voxels_of_pixels(mapping),
        label=label.ravel().astype(np.int64),
        label_weight=_draw_weight(draw, label).ravel(),
    )


def known(label):
    """Labels with empty space where there is none."""
    return np.where(label == IGNORE, 0, label)


def is_solid(label):
    """Where there is an object."""
    return (label != 0) & (label != IGNORE)


def _draw_room(draw):
    """Labels (60, 36, 60) uint8: walls, furniture, and what is unknown."""
    label = np.zeros(GRID, np.uint8)
    side = {name: draw.integer(f'/{name}', *span) for name, span in _SIDES.items()}
    left, right, floor, top, far = (
        side[name] for name in ('left', 'right', 'floor', 'top', 'far')
    )

    def fill(category, corner, end):
        label[tuple(slice(*ends) for ends in zip(corner, end))] = category

    fill(3, (left, floor, far), (right, top, far + 2))
    fill(3, (left, floor, 10), (left + 1, top, far))
    fill(3, (right - 1, floor, 20), (right, top, far))
    fill(1, (left, top, 20), (right, top + 1, far))
    fill(2, (left, floor, 4), (right, floor + 1, far))
    window = left + 6 + draw.integer('/window', 0, 12)
    fill(4, (window, 14, far), (window + 14, 26, far + 2))
    for index, (category, size, height) in enumerate(_FURNITURE):
        own = draw.at(f'/item{index}')
        x = own.integer('/x', left + 8, right - 8 - size[0])
        z = own.integer('/z', 22, far - size[2])
        corner = np.array([x, floor + height, z])
        fill(category, corner, corner + size)

    label[:left] = label[right + 1 :] = IGNORE
    for corner in draw.integers('/unknown', 0, 52, (6, 3)):
        corner[1] %= 28
        fill(IGNORE, corner, corner + 5)
    return label


def _draw_weight(draw, label):
    """Voxels that count: in view, at or behind a surface; some blocks do not."""
    x, _, z = np.ogrid[: GRID[0], : GRID[1], : GRID[2]]
    in_view = 2 * abs(2 * x - (GRID[0] - 1)) <= 16 + 3 * z
    lost = draw.uniform('/wdrop', (15, 9, 15)) < 0.15
    return in_view & _behind_surfaces(label) & ~enlarge(lost, 4, 4, 4)


def _behind_surfaces(label):
    return np.logical_or.accumulate(is_solid(label), axis=2)


def enlarge(array, *factors):
    """Repeat what there is along the axes."""
    for axis, factor in enumerate(factors):
        array = array.repeat(factor, axis)
    return array


def _draw_mapping(draw, label):
    """The pixel (129600,) of each voxel; no two have the same, most have none.

    The higher a voxel, the higher its pixel lies.
    """
    pools = dict(solid=is_solid(label), odd=label == IGNORE, free=label == 0)
    voxels = np.concatenate(
        [
            draw.choose(f'/{name}', np.flatnonzero(pools[name]), count)
            for name, count in _MAPPED.items()
        ]
    )
    pixels = np.sort(draw.choose('/pixels', np.arange(NUM_PIXELS), len(voxels)))
    x, y, z = np.unravel_index(voxels, GRID)
    mapping = np.full(NUM_VOXELS, NUM_PIXELS)
    # from the top down, then by x, then by z
    mapping[voxels[np.lexsort((z, x, -y))]] = pixels
    return mapping


def _voxels_of_pixels(mapping):
    """The voxel (480, 640) of each pixel, -1 for none."""
    # one more for the voxels without a pixel
    voxels = np.full(NUM_PIXELS + 1, -1)
    voxels[mapping] = np.arange(NUM_VOXELS)
    return voxels[:-1].reshape(IMAGE)


def _draw_tsdf(draw, label):
    """Noisy and clean (60, 36, 60) float32, by steps to the nearest object."""
    steps = np.minimum(distance_transform_cdt(~is_solid(label), 'taxicab'), 6)
    sign = np.where(_behind_surfaces(label), -1.0, 1.0)
    clean = np.where(label == IGNORE, -1.0, sign * (1 - steps / 6))
    lost = enlarge(draw.uniform('/lost', (12, 9, 12)) < 0.15, 5, 4, 5)
    noisy = np.where(lost, 0, clean + 0.2 * draw.normal('/tsdf', GRID))
    return noisy.clip(-1, 1).astype(np.float32), clean.astype(np.float32)


def _draw_image(draw):
    """RGB (480, 640, 3) uint8: shading, blocks and grain."""
    shading = draw.normal('/coarse', (16, 21, 3))
    for axis in (0, 1):
        shading = _interpolate(shading, 32, axis)
    blocks = enlarge(draw.normal('/blocks', (60, 80, 3)), 8, 8)
    grain = draw.normal('/grain', (*IMAGE, 3))
    image = 128 + 55 * shading + 25 * blocks + 8 * grain
    return image.round().clip(0, 255).astype(np.uint8)


def _interpolate(values, factor, axis):
    """Go from each value to the next in equal steps, along an axis."""
    values = np.moveaxis(values, axis, 0)
    share = (np.arange(factor) / factor).reshape(-1, *[1] * (values.ndim - 1))
    steps = [
        here * (1 - share) + after * share for here, after in zip(values, values[1:])
    ]
    return np.moveaxis(np.concatenate(steps), 0, axis)
