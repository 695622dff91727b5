from .fusion_2d_head import Fusion2DHead
from .ssc_head import SSCHead

__all__ = ['Fusion2DHead', 'SSCHead']
