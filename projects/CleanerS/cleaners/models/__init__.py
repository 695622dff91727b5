from . import (backbones, data_preprocessors, decode_heads, distillers, losses,
               middle_encoders, necks, segmentors)

__all__ = [
    'backbones', 'data_preprocessors', 'decode_heads', 'distillers', 'losses',
    'middle_encoders', 'necks', 'segmentors'
]
