from collections.abc import Sequence
from typing import Any

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from ..layers import FoldedSequential, MaskDropout
from .base_2d_head import Base2DHead


@MODELS.register_module()
class Fusion2DHead(Base2DHead):
    """All-MLP head of the 2DNet with a SegFormer backbone.

    mmseg's ``SegformerHead`` cannot be configured to this: it normalises each
    scale, drops whole channels after the fusion, and hides the fused map.

    Args:
        in_channels (Sequence[int]): Channels of the backbone's maps, from
            the finest to the deepest.
        channels (int): D of the fused feature.
        dropout (float): Element dropout before the fusion. Defaults to 0.5.
        norm_cfg (dict): Norm of the fusion.
        **kwargs: Of :obj:`Base2DHead`.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        channels: int,
        dropout: float = 0.5,
        norm_cfg: ConfigType = dict(type='BN'),
        **kwargs: Any,
    ) -> None:
        super().__init__(channels, **kwargs)
        self.linears = nn.ModuleList(
            nn.Linear(width, channels) for width in in_channels
        )
        self.dropout = MaskDropout(dropout)
        self.fuse = FoldedSequential(
            nn.Conv2d(len(in_channels) * channels, channels, 1, bias=False),
            build_norm_layer(norm_cfg, channels)[1],
            nn.ReLU(inplace=True),
        )

    def fuse_feats(self, *feats: Tensor) -> Tensor:
        """Fuse the scales at the finest; see :obj:`Base2DHead`."""
        return self.fuse(self.dropout(self._concatenate(feats)))

    def _concatenate(self, feats: Sequence[Tensor]) -> Tensor:
        """Bring every scale to D channels at the finest; deepest first."""
        size = feats[0].shape[-2:]
        scales = [
            F.interpolate(
                _linear_2d(linear, feat), size, mode='bilinear', align_corners=False
            )
            for linear, feat in zip(self.linears, feats)
        ]
        return torch.cat(scales[::-1], dim=1)


def _linear_2d(linear: nn.Module, feat: Tensor) -> Tensor:
    """Apply a linear layer to the channels of a (B, C, H, W) map."""
    return linear(feat.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
