from .cross_view_head import CrossViewHead
from .cross_view_segmentor import CrossViewSegmentor
from .semantic_stem import SemanticStem
from .tsdf_stem import TSDFStem

__all__ = ['CrossViewHead', 'CrossViewSegmentor', 'SemanticStem', 'TSDFStem']
