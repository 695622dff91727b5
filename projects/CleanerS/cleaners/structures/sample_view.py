"""Camera and grid of a data sample."""

from typing import Optional, Union

from ..geometry.camera import Intrinsics
from ..geometry.voxel_grid import GridView, VoxelGrid
from ..utils.errors import InputError
from .ssc_data_sample import SSCDataSample

Sample = Union[dict, SSCDataSample]
VIEW_KEYS = ('cam2img', 'cam2world', 'voxel_origin', 'voxel_size')


def view_of_sample(
    sample: Sample, grid_size: tuple[int, int, int]
) -> Optional[GridView]:
    """Read camera and grid from the metainfo of a sample.

    Args:
        sample (dict | SSCDataSample): With the metainfo.
        grid_size (tuple[int, int, int]): Voxels along (X, Y, Z).

    Returns:
        GridView | None: None where one of ``VIEW_KEYS`` is not known.

    Raises:
        InputError: If one is there, but is not what it should be.
    """
    values = [value for value in map(sample.get, VIEW_KEYS) if value is not None]
    if len(values) < len(VIEW_KEYS):
        return None
    cam2img, cam2world, voxel_origin, voxel_size = values
    try:
        return GridView(
            cam2world,
            voxel_origin,
            Intrinsics.from_matrix(cam2img),
            VoxelGrid(grid_size, float(voxel_size)),
        )
    except (TypeError, ValueError) as error:
        raise InputError(
            f'frame {sample.get("sample_idx")}: {error}; make the annotation file anew'
        ) from error
