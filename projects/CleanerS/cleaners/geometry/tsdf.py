"""Truncated signed distance to the surface that a camera sees."""

from typing import NamedTuple

import numpy as np

from .camera import Intrinsics, check_depth
from .compiled import compiled
from .distance import squared_distance
from .mapping import NO_VOXEL
from .voxel_grid import GridView, check_blocks

STATE_OK = 0
STATE_OUTSIDE = 1
STATE_UNUSABLE = 2

TRUNCATION = 0.24
DEPTH_RANGE = (0.5, 8.0)
# a node this close to the measured depth still counts as in front of it
_SIGN_SLACK = 1e-4
# a block below this mean lies deep behind the surface
_DEEP_TSDF = -0.5


class TSDF(NamedTuple):
    """A truncated signed distance field.

    Attributes:
        raw (np.ndarray): (X, Y, Z) float32, -1..1: 0 on the surface,
            positive in visible free space, negative behind the surface;
            the value of "unknown" where the state is not 0.
        state (np.ndarray): (X, Y, Z) uint8: 0 known, 1 outside of the image
            or behind the camera, 2 no usable depth in that direction.
    """

    raw: np.ndarray
    state: np.ndarray


def compute_tsdf(
    depth: np.ndarray,
    pixel_voxel: np.ndarray,
    view: GridView,
    truncation: float = TRUNCATION,
    unknown: float = 1.0,
    dtype: type = np.float64,
) -> TSDF:
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
        unknown (float): Value outside of the image, behind the camera, and
            where the depth is not usable. Defaults to 1.
        dtype (type): Precision of the projection, ``np.float32`` or
            ``np.float64``. Defaults to ``np.float64``.

    Returns:
        TSDF: Raw values and states.

    Raises:
        ValueError: If the images do not fit or the truncation is not a
            whole number of voxels.
    """
    depth = check_depth(depth)
    if pixel_voxel.shape != depth.shape:
        raise ValueError(
            'pixel_voxel and depth should have one shape, but '
            f'got {pixel_voxel.shape} and {depth.shape}'
        )
    radius = round(truncation / view.grid.voxel_size)
    if radius < 1 or not np.isclose(radius * view.grid.voxel_size, truncation):
        raise ValueError(
            f'truncation {truncation} should be a whole number '
            f'of voxels of {view.grid.voxel_size}'
        )
    surface = np.zeros(view.grid.shape, dtype=bool)
    surface.ravel()[pixel_voxel[pixel_voxel != NO_VOXEL]] = True
    distance = squared_distance(surface, radius)
    magnitude = np.sqrt(np.arange(radius**2 + 1)) / radius
    raw = np.empty(view.grid.shape, dtype=np.float32)
    state = np.empty(view.grid.shape, dtype=np.uint8)
    rotation = view.cam2world[:3, :3]
    _sign(
        depth.astype(dtype),
        distance,
        magnitude.astype(np.float32),
        _node_offsets(view, dtype),
        rotation.astype(dtype),
        Intrinsics(*np.array(view.intrinsics, dtype)),
        DEPTH_RANGE,
        np.float32(unknown),
        raw,
        state,
    )
    return TSDF(raw, state)


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


def covered_label_weights(
    label: np.ndarray, tsdf: np.ndarray, outside: np.ndarray, ignore_index: int
) -> np.ndarray:
    """Decide which blocks count in losses and scores: the covered ones.

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
        raise ValueError(
            'label, tsdf and outside should have one shape, but '
            f'got {label.shape}, {tsdf.shape}, {outside.shape}'
        )
    known = label != ignore_index
    weight = known & ((label > 0) | (tsdf < 0)) & (outside == 0)
    return weight.astype(np.uint8)


def occlusion_label_weights(
    label: np.ndarray, tsdf: np.ndarray, ignore_index: int
) -> np.ndarray:
    """Decide which blocks count in losses and scores: the occluded ones.

    One where the block is occupied, or is deep behind the surface. Ignored
    blocks there get a one as well; who uses the weights leaves them out.

    Args:
        label (np.ndarray): Integers of any shape, a class or
            ``ignore_index``.
        tsdf (np.ndarray): Same shape, float32, block means of the raw TSDF.
        ignore_index (int): Label of what is neither empty nor occupied.

    Returns:
        np.ndarray: Same shape, uint8, 0 or 1.

    Raises:
        ValueError: If the shapes differ.
    """
    if label.shape != tsdf.shape:
        raise ValueError(
            'label and tsdf should have one shape, but got '
            f'{label.shape} and {tsdf.shape}'
        )
    occupied = (label > 0) & (label != ignore_index)
    return (occupied | (tsdf < _DEEP_TSDF)).astype(np.uint8)


def _node_offsets(
    view: GridView, dtype: type[np.floating]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """World X, Y and Z of the nodes, counted from the camera."""
    origin = view.voxel_origin.astype(dtype)
    position = view.cam2world[:3, 3].astype(dtype)
    # the grid's axes are world X, Z and Y
    counts = (view.grid.shape[axis] for axis in (0, 2, 1))
    x, y, z = (
        origin[i]
        + dtype(view.grid.voxel_size) * np.arange(count).astype(dtype)
        - position[i]
        for i, count in enumerate(counts)
    )
    return x, y, z


@compiled()
def _sign(
    depth: np.ndarray,
    distance: np.ndarray,
    magnitude: np.ndarray,
    offsets: tuple[np.ndarray, np.ndarray, np.ndarray],
    r: np.ndarray,
    intrinsics: tuple[float, float, float, float],
    depth_range: tuple[float, float],
    unknown: np.float32,
    raw: np.ndarray,
    state: np.ndarray,
) -> None:
    """Look up every node in the depth image; write ``raw`` and ``state``.

    World to camera is the transpose of the rotation ``r``.
    """
    fx, fy, cx, cy = intrinsics
    height, width = depth.shape
    nearest, farthest = depth_range
    shape = distance.shape
    for i in range(shape[0]):
        wx = offsets[0][i]
        for j in range(shape[1]):
            wz = offsets[2][j]
            for k in range(shape[2]):
                wy = offsets[1][k]
                z = r[0, 2] * wx + r[1, 2] * wy + r[2, 2] * wz
                squared = distance[i, j, k]
                raw[i, j, k] = unknown
                state[i, j, k] = STATE_OUTSIDE
                if squared == 0:
                    raw[i, j, k] = 0
                    state[i, j, k] = STATE_OK
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
                    state[i, j, k] = STATE_UNUSABLE
                    continue
                state[i, j, k] = STATE_OK
                gap = seen - z
                visible = gap > 0 or abs(gap) < _SIGN_SLACK
                value = magnitude[squared]
                raw[i, j, k] = value if visible else -value


def _block_sum(volume: np.ndarray, factor: int) -> np.ndarray:
    """Sum of every block, in float64, in which it is exact."""
    x, y, z = (size // factor for size in volume.shape)
    # one axis after the other, the outermost first: whole rows are added
    sums = volume.reshape(x, factor, -1).sum(1, dtype=np.float64)
    sums = sums.reshape(x, y, factor, -1).sum(2)
    return sums.reshape(x, y, z, factor).sum(3)
