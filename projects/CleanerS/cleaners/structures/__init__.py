from .frame_sizes import FrameSizes
from .ssc_data_sample import SSCDataSample
from .voxel_data import VoxelData

__all__ = ['FrameSizes', 'SSCDataSample', 'VoxelData']
