from .class_attention import ClassAttention
from .cross_view_attention import CrossViewAttention
from .cross_view_decoder import CrossViewDecoder
from .cross_view_fusion import CrossViewFusion
from .turned_conv3d import TurnedConv3d
from .view_tokens import ViewTokens

__all__ = [
    'ClassAttention',
    'CrossViewAttention',
    'CrossViewDecoder',
    'CrossViewFusion',
    'TurnedConv3d',
    'ViewTokens',
]
