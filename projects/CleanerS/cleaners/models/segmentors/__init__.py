from .ssc_segmentor import SSCSegmentor

__all__ = ['SSCSegmentor']
