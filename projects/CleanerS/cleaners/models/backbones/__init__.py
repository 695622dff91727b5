from .dilated_resnet import DilatedResNet
from .efficientnet_lite import EfficientNetLite
from .segformer_mit import SegFormerMiT

__all__ = ['DilatedResNet', 'EfficientNetLite', 'SegFormerMiT']
