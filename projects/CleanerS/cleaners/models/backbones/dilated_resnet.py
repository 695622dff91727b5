from typing import Any

from mmdet3d.registry import MODELS
from mmseg.models.backbones import ResNet

from .strict_pretrained import StrictPretrained


@MODELS.register_module()
class DilatedResNet(StrictPretrained, ResNet):
    """mmseg's ResNet for the 2DNet of CleanerS-Res50, after 3D-Sketch.

    Layers and names are torchvision's, whose ImageNet weights it takes (the
    stride of a bottleneck sits in its 3x3 convolution). A stage that keeps
    the resolution is dilated instead:

    - output stride 16, as 3D-Sketch: ``strides=(1, 2, 2, 1)``,
      ``dilations=(1, 1, 1, 2)``;
    - output stride 8: ``strides=(1, 2, 1, 1)``, ``dilations=(1, 1, 2, 4)``.

    The first block of a dilated stage has half the dilation, unless
    ``multi_grid`` names the dilation of each. That of 3D-Sketch itself has
    ``multi_grid=(2, 4, 8)``, ``deep_stem=True`` and ``stem_channels=128``.

    Args:
        depth (int): Layers, as :obj:`mmseg.ResNet` has them.
        **kwargs: Of :obj:`mmseg.ResNet`.
    """

    def __init__(self, depth: int, **kwargs: Any) -> None:
        super().__init__(depth, contract_dilation=True, **kwargs)

    def train(self, mode: bool = True) -> 'DilatedResNet':
        """Switch the mode; mmseg's own returns None."""
        super().train(mode)
        return self
