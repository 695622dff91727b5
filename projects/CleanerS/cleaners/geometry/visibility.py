"""Which voxels a depth camera saw to be free, and which it did not look at."""

from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np

from .compiled import compiled
from .mapping import NO_VOXEL, map_pixels
from .voxel_grid import GridView

# a voxel is seen through where its middle is, or where at least this share of
# its points in the image is measured, and this share of those lies in front of
# what is measured: depth images have small holes, and pixels that are wrong
_MEASURED_SHARE = 0.5
_FREE_SHARE = 0.9
# by one wrong pixel its middle is not
_MIDDLE_SHARE = 0.5


class Visibility(NamedTuple):
    """What a depth image says of voxels, whatever a network says.

    Attributes:
        free (np.ndarray): (X, Y, Z) bool, the sensor looked through the
            voxel: what of it is in the image lies in front of what was
            measured, and nothing was measured in it.
        outside (np.ndarray): (X, Y, Z) bool, no part of the voxel is in the
            image.
    """

    free: np.ndarray
    outside: np.ndarray


def voxel_visibility(
    depth: np.ndarray,
    view: GridView,
    view_size: Optional[Sequence[int]] = None,
    samples: int = 4,
) -> Visibility:
    """Tell seen free and unseen voxels from depth, camera and pose.

    A TSDF cannot tell them: it has one value for free, unmeasured and out of
    view. Behind pixels without a measurement nothing is known, so a voxel
    with most of it there is neither.

    Args:
        depth (np.ndarray): (H, W), metres along the optical axis; 0 means
            "not measured".
        view (GridView): Camera, and the grid of the voxels.
        view_size (Sequence[int], optional): Rows and columns, from the top
            left, that the sensor covers, where the rest is padding. Defaults
            to None: all.
        samples (int): Points along each edge of a voxel that are looked up
            in the image. Defaults to 4: every 2 cm of 8 cm.

    Returns:
        Visibility: On the grid of ``view``.

    Raises:
        ValueError: If ``depth`` is not a depth image.
    """
    pixel_voxel = map_pixels(depth, view)
    height, width = depth.shape if view_size is None else view_size
    free = np.empty(view.grid.shape, dtype=bool)
    outside = np.empty(view.grid.shape, dtype=bool)
    _look_up(
        np.ascontiguousarray(depth, dtype=np.float64),
        np.linalg.inv(view.cam2world),
        view.voxel_origin,
        view.intrinsics,
        view.grid.voxel_size,
        samples,
        (height, width),
        free,
        outside,
    )
    free.ravel()[pixel_voxel[pixel_voxel != NO_VOXEL]] = False
    return Visibility(free, outside)


@compiled()
def _look_up(
    depth: np.ndarray,
    world2cam: np.ndarray,
    origin: np.ndarray,
    intrinsics: tuple[float, float, float, float],
    voxel_size: float,
    samples: int,
    view_size: tuple[int, int],
    free: np.ndarray,
    outside: np.ndarray,
) -> None:
    """Look up all points of every voxel; world X, Z, Y are the axes."""
    offsets = voxel_size * (np.arange(samples) + 0.5) / samples
    half = voxel_size / 2
    for i, j, k in np.ndindex(free.shape):
        num_inside, num_measured, num_free = 0, 0, 0
        middle = (
            origin[0] + voxel_size * i + half,
            origin[1] + voxel_size * k + half,
            origin[2] + voxel_size * j + half,
        )
        for x in origin[0] + voxel_size * i + offsets:
            for z in origin[2] + voxel_size * j + offsets:
                for y in origin[1] + voxel_size * k + offsets:
                    state = _state(
                        depth, world2cam, x, y, z, intrinsics, view_size, 0.0
                    )
                    num_inside += state >= 0
                    num_measured += state >= 1
                    num_free += state == 2
        outside[i, j, k] = num_inside == 0
        free[i, j, k] = num_free > 0 and (
            (
                num_measured >= _MEASURED_SHARE * num_inside
                and num_free >= _FREE_SHARE * num_measured
            )
            or (
                num_free >= _MIDDLE_SHARE * num_measured
                and _state(depth, world2cam, *middle, intrinsics, view_size, half) == 2
            )
        )


@compiled()
def _state(
    depth: np.ndarray,
    world2cam: np.ndarray,
    x: float,
    y: float,
    z: float,
    intrinsics: tuple[float, float, float, float],
    view_size: tuple[int, int],
    margin: float,
) -> int:
    """-1 outside of the image, 0 not measured, 1 behind what is, 2 before."""
    fx, fy, cx, cy = intrinsics
    m = world2cam
    ahead = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3]
    if ahead <= 0:
        return -1
    right = m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3]
    down = m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3]
    u = right * fx / ahead + cx + 0.5
    v = down * fy / ahead + cy + 0.5
    if not (0 <= u < view_size[1] and 0 <= v < view_size[0]):
        return -1
    seen = depth[int(v), int(u)]
    if seen == 0:
        return 0
    return 2 if seen > ahead + margin else 1
