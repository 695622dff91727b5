"""Clean depth: the visible surface of solid voxels (TSDF-CAD)."""

from typing import NamedTuple

import numpy as np

from .raycast import MISS, cast_rays
from .voxel_grid import GridView

# metres of depth that a ray must spend in a voxel to see it
MIN_RUN = 0.002
# behind the box, and still a usable depth for the TSDF
MISS_DEPTH_MM = 8000


class Hits(NamedTuple):
    """What the pixels of a camera see in a grid of solid voxels.

    Attributes:
        voxel (np.ndarray): (H, W) int64, flat index of the voxel; -1 none.
        depth_mm (np.ndarray): (H, W) uint16, millimetres along the optical
            axis; 8000 where there is no voxel.
        face (np.ndarray): (H, W) int8, the voxel's face as in
            ``cast_rays``; -1 none.
    """

    voxel: np.ndarray
    depth_mm: np.ndarray
    face: np.ndarray


def trace_voxels(
    occupied: np.ndarray, view: GridView, img_size: tuple[int, int]
) -> Hits:
    """Find the solid voxel that every pixel sees.

    One ray per pixel stops at the first occupied voxel in which it runs
    through at least 2 mm of depth; the pixel's depth is the middle of that
    run, so that it falls back into the same voxel.

    Args:
        occupied (np.ndarray): (X, Y, Z) bool.
        view (GridView): Camera and grid.
        img_size (tuple[int, int]): Height and width.

    Returns:
        Hits: Voxel, depth and face of every pixel. Its ``depth_mm`` is the
        clean depth of the frame.

    Raises:
        ValueError: If ``occupied`` does not fit the grid of ``view``.
    """
    if occupied.shape != view.grid.shape:
        raise ValueError(
            f'occupied should be {view.grid.shape}, but got {occupied.shape}'
        )
    voxel, t_in, t_out, face = cast_rays(occupied, *view.rays(img_size), MIN_RUN)
    hit = voxel != MISS
    depth = np.full(voxel.shape, MISS_DEPTH_MM, dtype=np.uint16)
    depth[hit] = np.rint(500 * (t_in[hit] + t_out[hit]))
    return Hits(*(value.reshape(img_size) for value in (voxel, depth, face)))
