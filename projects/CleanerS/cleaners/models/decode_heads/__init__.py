from .fusion_2d_head import Fusion2DHead
from .reduction_2d_head import Reduction2DHead
from .ssc_head import SSCHead

__all__ = ['Fusion2DHead', 'Reduction2DHead', 'SSCHead']
