"""All volumes of one frame at the resolution of the network."""

from typing import NamedTuple, Optional

import numpy as np

from .mapping import map_pixels, voxel_mapping
from .tsdf import (TSDF, compute_tsdf, count_outside, downsample_mean,
                   label_weights)
from .voxel_grid import NYU_FACTOR, GridView


class SensorVolumes(NamedTuple):
    """What a depth image gives.

    Attributes:
        tsdf (np.ndarray): (X, Y, Z) float32, block means of the raw TSDF.
        mapping (np.ndarray): (X * Y * Z,) int64, pixel of each block.
        weight (np.ndarray, optional): (X, Y, Z) uint8, blocks that count;
            None without labels.
    """

    tsdf: np.ndarray
    mapping: np.ndarray
    weight: Optional[np.ndarray]


def sensor_volumes(depth_mm: np.ndarray,
                   view: GridView,
                   label: Optional[np.ndarray] = None,
                   factor: int = NYU_FACTOR) -> SensorVolumes:
    """Compute TSDF, mapping and weight of a depth image.

    Args:
        depth_mm (np.ndarray): (H, W) uint16, millimetres; 0 means "not
            measured".
        view (GridView): Camera and fine grid.
        label (np.ndarray, optional): (X, Y, Z) uint8, label of each block,
            0..11 or 255. Defaults to None.
        factor (int): Voxels along the edge of a block. Defaults to 4.

    Returns:
        SensorVolumes: On the grid of blocks.

    Raises:
        ValueError: If the shapes do not fit.
    """
    pixel_voxel, tsdf = _fine_tsdf(depth_mm, view)
    coarse = downsample_mean(tsdf.raw, factor)
    weight = None
    if label is not None:
        weight = label_weights(label, coarse,
                               count_outside(tsdf.state, factor))
    return SensorVolumes(coarse, voxel_mapping(pixel_voxel, view.grid, factor),
                         weight)


def coarse_tsdf(depth_mm: np.ndarray,
                view: GridView,
                factor: int = NYU_FACTOR) -> np.ndarray:
    """Compute only the TSDF of a depth image.

    Args:
        depth_mm (np.ndarray): (H, W) uint16, millimetres.
        view (GridView): Camera and fine grid.
        factor (int): Voxels along the edge of a block. Defaults to 4.

    Returns:
        np.ndarray: (X, Y, Z) float32, block means of the raw TSDF.

    Raises:
        ValueError: If the shapes do not fit.
    """
    return downsample_mean(_fine_tsdf(depth_mm, view)[1].raw, factor)


def _fine_tsdf(depth_mm: np.ndarray, view: GridView) -> tuple:
    """Voxel of every pixel, and the TSDF of all voxels."""
    depth = depth_mm / 1000.
    pixel_voxel = map_pixels(depth, view)
    tsdf: TSDF = compute_tsdf(depth, pixel_voxel, view)
    return pixel_voxel, tsdf
