from .dilated_resnet import DilatedResNet
from .efficientnet_lite import EfficientNetLite
from .label_embedding import LabelEmbedding
from .segformer_mit import SegFormerMiT

__all__ = ['DilatedResNet', 'EfficientNetLite', 'LabelEmbedding', 'SegFormerMiT']
