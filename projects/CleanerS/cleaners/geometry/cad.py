"""Clean depth: the visible surface of a labelled grid (TSDF-CAD)."""

from typing import NamedTuple, Tuple

import numpy as np

from .camera import NYU_IMG_SIZE
from .raycast import MISS, cast_rays
from .voxel_grid import IGNORE_INDEX, GridView

# metres of depth that a ray must spend in a voxel to see it
MIN_RUN = 0.002
# behind the box, and still a usable depth for the TSDF
MISS_DEPTH_MM = 8000


class Hits(NamedTuple):
    """What the pixels of a camera see in a labelled grid.

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


def trace_labels(labels: np.ndarray,
                 view: GridView,
                 img_size: Tuple[int, int] = NYU_IMG_SIZE) -> Hits:
    """Find the voxel of a labelled grid that every pixel sees.

    One ray per pixel stops at the first occupied voxel in which it runs
    through at least 2 mm of depth; the pixel's depth is the middle of that
    run, so that it falls back into the same voxel.

    Args:
        labels (np.ndarray): (X, Y, Z) uint8; all but 0 and 255 is solid.
        view (GridView): Camera and grid.
        img_size (tuple[int, int]): Height and width. Defaults to
            (480, 640).

    Returns:
        Hits: Voxel, depth and face of every pixel.

    Raises:
        ValueError: If ``labels`` does not fit the grid of ``view``.
    """
    labels = np.asarray(labels)
    if labels.shape != view.grid.shape:
        raise ValueError(f'labels should be {view.grid.shape}, but got '
                         f'{labels.shape}')
    occupied = (labels != 0) & (labels != IGNORE_INDEX)
    voxel, t_in, t_out, face = cast_rays(occupied, *view.rays(img_size),
                                         MIN_RUN)
    hit = voxel != MISS
    depth = np.full(voxel.shape, MISS_DEPTH_MM, dtype=np.uint16)
    depth[hit] = np.rint(500 * (t_in[hit] + t_out[hit]))
    return Hits(*(value.reshape(img_size) for value in (voxel, depth, face)))


def render_cad_depth(labels: np.ndarray,
                     view: GridView,
                     img_size: Tuple[int, int] = NYU_IMG_SIZE) -> np.ndarray:
    """Render the clean depth of a labelled grid.

    Args:
        labels (np.ndarray): (X, Y, Z) uint8; all but 0 and 255 is solid.
        view (GridView): Camera and grid.
        img_size (tuple[int, int]): Height and width. Defaults to
            (480, 640).

    Returns:
        np.ndarray: (H, W) uint16, millimetres, as in :class:`Hits`.

    Raises:
        ValueError: If ``labels`` does not fit the grid of ``view``.
    """
    return trace_labels(labels, view, img_size).depth_mm
