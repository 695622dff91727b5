from . import (
    backbones,
    data_preprocessors,
    efficientnet_lite_weights,
    losses,
)
from .decode_heads import Fusion2DHead, SSCHead
from .distillers import CleanerDistiller
from .middle_encoders import TSDFEncoder
from .necks import VoxelProjectionNeck
from .segmentors import Segmentor2D, SSCSegmentor

__all__ = [
    'CleanerDistiller',
    'Fusion2DHead',
    'SSCHead',
    'SSCSegmentor',
    'Segmentor2D',
    'TSDFEncoder',
    'VoxelProjectionNeck',
    'backbones',
    'data_preprocessors',
    'efficientnet_lite_weights',
    'losses',
]
