from .dilated_resnet import DilatedResNet
from .segformer_mit import SegFormerMiT

__all__ = ['DilatedResNet', 'SegFormerMiT']
