from .segmentor_2d import Segmentor2D
from .ssc_segmentor import SSCSegmentor

__all__ = ['SSCSegmentor', 'Segmentor2D']
