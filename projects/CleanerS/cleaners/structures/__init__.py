from .ssc_data_sample import SSCDataSample
from .voxel_data import VoxelData

__all__ = ['SSCDataSample', 'VoxelData']
