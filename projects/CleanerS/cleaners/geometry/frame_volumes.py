"""All volumes of one frame at the resolution of the network."""

from typing import NamedTuple

import numpy as np

from .mapping import map_pixels, voxel_mapping
from .tsdf import compute_tsdf, count_outside, downsample_mean
from .voxel_grid import GridView


class SensorVolumes(NamedTuple):
    """What a depth image gives.

    Attributes:
        tsdf (np.ndarray): (X, Y, Z) float32, block means of the raw TSDF.
        mapping (np.ndarray): (X * Y * Z,) int64, pixel of each block.
        outside (np.ndarray): (X, Y, Z) int64, fine voxels of each block that
            the image does not cover.
    """

    tsdf: np.ndarray
    mapping: np.ndarray
    outside: np.ndarray


def sensor_volumes(
    depth_mm: np.ndarray,
    view: GridView,
    factor: int,
    unknown: float = 1.0,
    dtype: type = np.float64,
) -> SensorVolumes:
    """Compute TSDF, mapping and coverage of a depth image.

    Args:
        depth_mm (np.ndarray): (H, W) uint16, millimetres; 0 means "not
            measured".
        view (GridView): Camera and fine grid.
        factor (int): Voxels along the edge of a block.
        unknown (float): TSDF where no distance is known. Defaults to 1.
        dtype (type): Precision, ``np.float32`` or ``np.float64``. Defaults
            to ``np.float64``.

    Returns:
        SensorVolumes: On the grid of blocks.

    Raises:
        ValueError: If the shapes do not fit.
    """
    depth = depth_mm / 1000.0
    pixel_voxel = map_pixels(depth, view, dtype)
    tsdf = compute_tsdf(depth, pixel_voxel, view, unknown=unknown, dtype=dtype)
    return SensorVolumes(
        downsample_mean(tsdf.raw, factor),
        voxel_mapping(pixel_voxel, view.grid, factor),
        count_outside(tsdf.state, factor),
    )
