from .frame_sizes import FrameSizes
from .ssc_data_sample import SSCDataSample
from .voxel_data import EMPTY_CLASS, IGNORE, VoxelData

__all__ = ['EMPTY_CLASS', 'FrameSizes', 'IGNORE', 'SSCDataSample', 'VoxelData']
