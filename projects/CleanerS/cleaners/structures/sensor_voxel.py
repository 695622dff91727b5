"""What a depth image says of voxels, as data of a sample."""

from collections.abc import Sequence
from typing import Optional

import numpy as np

from ..geometry.mapping import count_points
from ..geometry.visibility import voxel_visibility
from ..geometry.voxel_grid import GridView
from .voxel_data import VoxelData


def make_sensor_voxel(
    depth: np.ndarray, view: GridView, view_size: Optional[Sequence[int]] = None
) -> VoxelData:
    """Look up every voxel in a depth image.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        view (GridView): Camera and grid.
        view_size (Sequence[int], optional): As in :func:`voxel_visibility`.

    Returns:
        VoxelData: ``sensor_voxel`` of an :obj:`SSCDataSample`: ``free``,
        ``outside`` and ``points``.

    Raises:
        ValueError: If ``depth`` is not a depth image.
    """
    return VoxelData(
        points=count_points(depth, view),
        **voxel_visibility(depth, view, view_size)._asdict(),
    )
