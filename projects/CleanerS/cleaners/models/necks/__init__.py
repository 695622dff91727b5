from .static_projection import StaticProjection
from .voxel_projection_neck import VoxelProjectionNeck

__all__ = ['StaticProjection', 'VoxelProjectionNeck']
