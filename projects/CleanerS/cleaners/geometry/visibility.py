"""Which voxels a depth camera saw to be free, and which it did not look at."""

from typing import NamedTuple, Optional, Tuple

import numpy as np
from numba import njit

from .mapping import NO_VOXEL, map_pixels
from .voxel_grid import GridView


class Visibility(NamedTuple):
    """What a depth image says of blocks of voxels, whatever a network says.

    Attributes:
        free (np.ndarray): (X, Y, Z) bool, the sensor looked through the whole
            block: all of it that is in the image lies in front of what was
            measured, and nothing was measured in it.
        outside (np.ndarray): (X, Y, Z) bool, no part of the block is in the
            image.
    """

    free: np.ndarray
    outside: np.ndarray


def block_visibility(
        depth: np.ndarray,
        view: GridView,
        factor: int,
        view_size: Optional[Tuple[int, int]] = None) -> Visibility:
    """Tell seen free and unseen blocks from depth, camera and pose.

    A TSDF cannot tell them: it has one value for free, unmeasured and out of
    view. Behind a pixel without a measurement nothing is known, so a block
    with a part there is neither.

    Convention: the fine voxels of a block are looked up at their centres.

    Args:
        depth (np.ndarray): (H, W), metres along the optical axis; 0 means
            "not measured".
        view (GridView): Camera and fine grid.
        factor (int): Voxels along the edge of a block.
        view_size (tuple[int, int], optional): Rows and columns, from the top
            left, that the sensor covers, where the rest is padding. Defaults
            to None: all.

    Returns:
        Visibility: On the grid of blocks.

    Raises:
        ValueError: If ``depth`` is not a depth image, or the grid cannot be
            cut into such blocks.
    """
    grid = view.grid.coarse(factor)
    pixel_voxel = map_pixels(depth, view)
    free = np.empty(grid.shape, dtype=bool)
    outside = np.empty(grid.shape, dtype=bool)
    world2cam = np.linalg.inv(view.cam2world)
    _look_up(
        np.ascontiguousarray(depth, dtype=np.float64), world2cam,
        view.voxel_origin, view.intrinsics, view.grid.voxel_size, factor,
        depth.shape if view_size is None else tuple(view_size), free, outside)
    seen = np.unravel_index(pixel_voxel[pixel_voxel != NO_VOXEL],
                            view.grid.shape)
    free[tuple(axis // factor for axis in seen)] = False
    return Visibility(free, outside)


@njit(cache=True, nogil=True)
def _look_up(depth: np.ndarray, world2cam: np.ndarray, origin: np.ndarray,
             intrinsics: Tuple[float, float, float, float], voxel_size: float,
             factor: int, view_size: Tuple[int, int], free: np.ndarray,
             outside: np.ndarray) -> None:
    """Look up all fine voxels of every block; world X, Z, Y are the axes."""
    for i, j, k in np.ndindex(free.shape):
        num_inside, num_free = 0, 0
        for a in range(factor):
            x = origin[0] + voxel_size * (i * factor + a + .5)
            for h in range(factor):
                z = origin[2] + voxel_size * (j * factor + h + .5)
                for b in range(factor):
                    y = origin[1] + voxel_size * (k * factor + b + .5)
                    state = _state(depth, world2cam, x, y, z, intrinsics,
                                   view_size)
                    num_inside += state >= 0
                    num_free += state == 1
        outside[i, j, k] = num_inside == 0
        free[i, j, k] = num_inside > 0 and num_free == num_inside


@njit(cache=True, nogil=True)
def _state(depth: np.ndarray, world2cam: np.ndarray, x: float, y: float,
           z: float, intrinsics: Tuple[float, float, float, float],
           view_size: Tuple[int, int]) -> int:
    """-1 outside of the image, 1 in front of the measured depth, else 0."""
    fx, fy, cx, cy = intrinsics
    m = world2cam
    ahead = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3]
    if ahead <= 0:
        return -1
    right = m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3]
    down = m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3]
    u = right * fx / ahead + cx + .5
    v = down * fy / ahead + cy + .5
    if not (0 <= u < view_size[1] and 0 <= v < view_size[0]):
        return -1
    return 1 if depth[int(v), int(u)] > ahead else 0
