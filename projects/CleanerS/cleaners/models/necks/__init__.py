from .voxel_projection_neck import VoxelProjectionNeck

__all__ = ['VoxelProjectionNeck']
