"""Truncated signed distance to the surface that a camera sees."""

from typing import NamedTuple, Tuple

import numpy as np
from numba import njit

from .camera import check_depth
from .mapping import NO_VOXEL
from .voxel_grid import GridView, check_blocks

STATE_OK = 0
STATE_OUTSIDE = 1
STATE_UNUSABLE = 2

TRUNCATION = 0.24
DEPTH_RANGE = (0.5, 8.0)
# a node this close to the measured depth still counts as in front of it
_SIGN_SLACK = 1e-4


class TSDF(NamedTuple):
    """A truncated signed distance field.

    Attributes:
        raw (np.ndarray): (X, Y, Z) float32, -1..1: 0 on the surface,
            positive in visible free space, negative behind the surface, and
            1 where the state is not 0.
        state (np.ndarray): (X, Y, Z) uint8: 0 known, 1 outside of the image
            or behind the camera, 2 no usable depth in that direction.
    """

    raw: np.ndarray
    state: np.ndarray


def compute_tsdf(depth: np.ndarray,
                 pixel_voxel: np.ndarray,
                 view: GridView,
                 truncation: float = TRUNCATION) -> TSDF:
    """Compute the TSDF of a depth image.

    Convention: the sign is projective, from the camera z of the voxel's
    node against the depth of the pixel it falls on; the magnitude is the
    Euclidean distance, from voxel index to voxel index, to the nearest
    surface voxel, divided by the truncation.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        pixel_voxel (np.ndarray): (H, W) int64, from ``map_pixels``; the
            voxels named there are the surface.
        view (GridView): Camera and grid.
        truncation (float): Distance that becomes 1, metres; a whole number
            of voxels. Defaults to 0.24.

    Returns:
        TSDF: Raw values and states.

    Raises:
        ValueError: If the images do not fit or the truncation is not a
            whole number of voxels.
    """
    depth = check_depth(depth)
    if pixel_voxel.shape != depth.shape:
        raise ValueError('pixel_voxel and depth should have one shape, but '
                         f'got {pixel_voxel.shape} and {depth.shape}')
    radius = round(truncation / view.grid.voxel_size)
    if radius < 1 or not np.isclose(radius * view.grid.voxel_size, truncation):
        raise ValueError(f'truncation {truncation} should be a whole number '
                         f'of voxels of {view.grid.voxel_size}')
    surface = np.zeros(view.grid.shape, dtype=bool)
    surface.ravel()[pixel_voxel[pixel_voxel != NO_VOXEL]] = True
    distance = squared_distance(surface, radius)
    magnitude = np.sqrt(np.arange(radius**2 + 1)) / radius
    raw = np.empty(view.grid.shape, dtype=np.float32)
    state = np.empty(view.grid.shape, dtype=np.uint8)
    _sign(depth, distance, magnitude.astype(np.float32), view.cam2world,
          view.voxel_origin, view.intrinsics, view.grid.voxel_size,
          DEPTH_RANGE, raw, state)
    return TSDF(raw, state)


def squared_distance(surface: np.ndarray, radius: int) -> np.ndarray:
    """Squared Euclidean distance to the nearest set voxel, cut off.

    Exact below the cut-off. Each axis is searched by itself, in a window,
    and only where a set voxel is near.

    Args:
        surface (np.ndarray): (X, Y, Z) bool.
        radius (int): Distance at which to cut off, in voxels, at most 181.

    Returns:
        np.ndarray: (X, Y, Z) uint16, in 0..radius ** 2.

    Raises:
        ValueError: If ``surface`` is not such a grid or ``radius`` does
            not fit.
    """
    if surface.ndim != 3 or surface.dtype != bool:
        raise ValueError('surface should be a 3D array of bool, but got '
                         f'{surface.dtype} of {surface.shape}')
    # the sum of two squares must fit into uint16
    if not 1 <= radius <= 181:
        raise ValueError(f'radius should be in 1..181, but got {radius}')
    return _squared_distance(np.ascontiguousarray(surface), radius)


def downsample_mean(volume: np.ndarray, factor: int) -> np.ndarray:
    """Mean of every block of voxels.

    Args:
        volume (np.ndarray): (X, Y, Z) float32.
        factor (int): Voxels along the edge of a block.

    Returns:
        np.ndarray: (X / factor, Y / factor, Z / factor) float32.

    Raises:
        ValueError: If the grid cannot be cut into such blocks.
    """
    check_blocks(volume.shape, factor)
    return (_block_sum(volume, factor) / factor**3).astype(np.float32)


def count_outside(state: np.ndarray, factor: int) -> np.ndarray:
    """Count, in every block, the voxels that the image does not cover.

    Args:
        state (np.ndarray): (X, Y, Z) uint8, from :func:`compute_tsdf`.
        factor (int): Voxels along the edge of a block.

    Returns:
        np.ndarray: (X / factor, Y / factor, Z / factor) int64.

    Raises:
        ValueError: If the grid cannot be cut into such blocks.
    """
    check_blocks(state.shape, factor)
    return _block_sum(state == STATE_OUTSIDE, factor).astype(np.int64)


def label_weights(label: np.ndarray, tsdf: np.ndarray, outside: np.ndarray,
                  ignore_index: int) -> np.ndarray:
    """Decide which blocks count in losses and scores.

    One where the block is occupied, or is empty and occluded; but zero
    where any part of it lies outside of the image or behind the camera.

    Args:
        label (np.ndarray): (X, Y, Z) uint8, a class or ``ignore_index``.
        tsdf (np.ndarray): (X, Y, Z) float32, block means of the raw TSDF.
        outside (np.ndarray): (X, Y, Z), from :func:`count_outside`.
        ignore_index (int): Label of what does not count.

    Returns:
        np.ndarray: (X, Y, Z) uint8, 0 or 1.

    Raises:
        ValueError: If the shapes differ.
    """
    if not label.shape == tsdf.shape == outside.shape:
        raise ValueError('label, tsdf and outside should have one shape, but '
                         f'got {label.shape}, {tsdf.shape}, {outside.shape}')
    known = label != ignore_index
    weight = known & ((label > 0) | (tsdf < 0)) & (outside == 0)
    return weight.astype(np.uint8)


@njit(cache=True, nogil=True)
def _sign(depth: np.ndarray, distance: np.ndarray, magnitude: np.ndarray,
          cam2world: np.ndarray, origin: np.ndarray,
          intrinsics: Tuple[float, float, float, float], voxel_size: float,
          depth_range: Tuple[float, float], raw: np.ndarray,
          state: np.ndarray) -> None:
    """Look up every node in the depth image; write ``raw`` and ``state``."""
    fx, fy, cx, cy = intrinsics
    height, width = depth.shape
    nearest, farthest = depth_range
    # world to camera: the transpose of the rotation
    r = cam2world[:3, :3]
    shape = distance.shape
    for a in range(shape[0]):
        wx = origin[0] + voxel_size * a - cam2world[0, 3]
        for h in range(shape[1]):
            wz = origin[2] + voxel_size * h - cam2world[2, 3]
            for b in range(shape[2]):
                wy = origin[1] + voxel_size * b - cam2world[1, 3]
                z = r[0, 2] * wx + r[1, 2] * wy + r[2, 2] * wz
                squared = distance[a, h, b]
                raw[a, h, b] = 1
                state[a, h, b] = STATE_OUTSIDE
                if squared == 0:
                    raw[a, h, b] = 0
                    state[a, h, b] = STATE_OK
                    continue
                if z <= 0:
                    continue
                x = r[0, 0] * wx + r[1, 0] * wy + r[2, 0] * wz
                y = r[0, 1] * wx + r[1, 1] * wy + r[2, 1] * wz
                # half away from zero: -0.5 is outside, W - 0.5 as well
                u = x * fx / z + cx
                v = y * fy / z + cy
                if not (-0.5 < u < width - 0.5 and -0.5 < v < height - 0.5):
                    continue
                seen = depth[int(v + 0.5), int(u + 0.5)]
                if seen < nearest or seen > farthest:
                    state[a, h, b] = STATE_UNUSABLE
                    continue
                state[a, h, b] = STATE_OK
                gap = seen - z
                visible = gap > 0 or abs(gap) < _SIGN_SLACK
                value = magnitude[squared]
                raw[a, h, b] = value if visible else -value


@njit(cache=True, nogil=True)
def _squared_distance(surface: np.ndarray, radius: int) -> np.ndarray:
    """See :func:`squared_distance`."""
    size_a, size_h, size_b = surface.shape
    limit = np.uint16(radius * radius)
    plane = np.empty((size_h, size_b), np.uint16)
    rows = np.full(surface.shape, limit, np.uint16)
    near = np.zeros((size_a, size_h), np.bool_)
    for a in range(size_a):
        hit = np.zeros(size_h, np.bool_)
        for h in range(size_h):
            hit[h] = _scan_row(surface[a, h], limit, plane[h])
        for h in np.flatnonzero(hit):
            for other in range(
                    max(h - radius + 1, 0), min(h + radius, size_h)):
                _lower(rows[a, other], plane[h], (other - h)**2)
                near[a, other] = True
    result = np.full(surface.shape, limit, np.uint16)
    for a in range(size_a):
        for other in range(max(a - radius + 1, 0), min(a + radius, size_a)):
            for h in range(size_h):
                if near[other, h]:
                    _lower(result[a, h], rows[other, h], (other - a)**2)
    return result


@njit(cache=True, nogil=True)
def _scan_row(surface: np.ndarray, limit: int, row: np.ndarray) -> bool:
    """Squared distances within one row; False if nothing is set in it."""
    size = len(surface)
    steps = limit
    hit = False
    for i in range(size):
        steps = 0 if surface[i] else min(steps + 1, limit)
        hit |= surface[i]
        row[i] = min(steps * steps, limit)
    if not hit:
        return False
    steps = limit
    for i in range(size - 1, -1, -1):
        steps = 0 if surface[i] else min(steps + 1, limit)
        row[i] = min(steps * steps, row[i])
    return True


@njit(cache=True, nogil=True)
def _lower(target: np.ndarray, source: np.ndarray, offset: int) -> None:
    """Lower ``target`` to ``source + offset``, element by element."""
    for i in range(len(target)):
        target[i] = min(target[i], np.uint16(source[i] + offset))


def _block_sum(volume: np.ndarray, factor: int) -> np.ndarray:
    """Sum of every block, in float64, in which it is exact."""
    x, y, z = (size // factor for size in volume.shape)
    # one axis after the other, the outermost first: whole rows are added
    sums = volume.reshape(x, factor, -1).sum(1, dtype=np.float64)
    sums = sums.reshape(x, y, factor, -1).sum(2)
    return sums.reshape(x, y, z, factor).sum(3)
