from . import (
    backbones,
    data_preprocessors,
    decode_heads,
    distillers,
    efficientnet_lite_weights,
    losses,
    middle_encoders,
    necks,
    segmentors,
)

__all__ = [
    'backbones',
    'data_preprocessors',
    'decode_heads',
    'distillers',
    'efficientnet_lite_weights',
    'losses',
    'middle_encoders',
    'necks',
    'segmentors',
]
