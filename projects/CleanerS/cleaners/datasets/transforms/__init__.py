from .formatting import PackSSCInputs
from .loading import LoadTSDF, LoadVoxelAnnotations, LoadVoxelMapping

__all__ = [
    'LoadTSDF', 'LoadVoxelAnnotations', 'LoadVoxelMapping', 'PackSSCInputs'
]
