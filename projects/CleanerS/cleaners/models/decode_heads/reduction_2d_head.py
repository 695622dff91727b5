from typing import Any

import torch.nn as nn
from mmcv.cnn import build_norm_layer
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from ..layers import FoldedSequential
from .base_2d_head import Base2DHead


@MODELS.register_module()
class Reduction2DHead(Base2DHead):
    """Head of the 2DNet with a ResNet backbone, as in 3D-Sketch (CVPR 2020).

    The deepest map is reduced to D channels by a 1x1 convolution without
    bias, BN and ReLU; the projection reads it bilinearly at image size.

    Args:
        in_channels (int): Channels of the backbone's deepest map.
        channels (int): D of the fused feature.
        norm_cfg (dict): Norm of the reduction.
        **kwargs: Of :obj:`Base2DHead`.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        norm_cfg: ConfigType = dict(type='BN'),
        **kwargs: Any,
    ) -> None:
        super().__init__(channels, **kwargs)
        self.reduce = FoldedSequential(
            nn.Conv2d(in_channels, channels, 1, bias=False),
            build_norm_layer(norm_cfg, channels)[1],
            nn.ReLU(inplace=True),
        )

    def fuse_feats(self, *feats: Tensor) -> Tensor:
        """Reduce the deepest map; see :obj:`Base2DHead`."""
        return self.reduce(feats[-1])
