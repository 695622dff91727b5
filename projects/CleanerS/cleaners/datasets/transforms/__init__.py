from .formatting import PackSSCInputs
from .loading import LoadTSDF, LoadVoxelAnnotations, LoadVoxelMapping
from .loading_2d import LoadLabel2D, LoadSeg2D

__all__ = [
    'LoadLabel2D',
    'LoadSeg2D',
    'LoadTSDF',
    'LoadVoxelAnnotations',
    'LoadVoxelMapping',
    'PackSSCInputs',
]
