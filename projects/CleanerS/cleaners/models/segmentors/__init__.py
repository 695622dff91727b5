from .base_ssc_segmentor import BaseSSCSegmentor
from .segmentor_2d import Segmentor2D
from .ssc_segmentor import SSCSegmentor

__all__ = ['BaseSSCSegmentor', 'SSCSegmentor', 'Segmentor2D']
