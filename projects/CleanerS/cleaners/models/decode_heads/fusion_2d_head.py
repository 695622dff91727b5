from typing import Dict, Sequence, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from ..layers import FoldedSequential, MaskDropout, run_layer


@MODELS.register_module()
class Fusion2DHead(BaseModule):
    """All-MLP head of the 2DNet (METHOD section 2.1).

    ``forward`` gives the fused feature, which is projected into the grid, and
    the 2D logits, which only the auxiliary loss L2D reads.

    mmseg's ``SegformerHead`` cannot be configured to this: it normalises each
    scale, drops whole channels after the fusion, and hides the fused map.

    Args:
        in_channels (Sequence[int]): Channels of the backbone's maps, from
            the finest to the deepest.
        channels (int): D of the fused feature. Defaults to 256.
        num_classes (int): Defaults to 12.
        img_size (Sequence[int]): (H, W) of the 2D logits. Defaults to
            (480, 640).
        dropout (float): Element dropout before the fusion. Defaults to 0.5.
        norm_cfg (dict): Norm of the fusion.
        with_cp (bool): Whether to trade time for memory by activation
            checkpointing. Defaults to False.
        loss_2d (dict): Loss on the pixels that see a voxel.
        init_cfg (dict, optional): Defaults to None (torch's own).
    """

    def __init__(self,
                 in_channels: Sequence[int],
                 channels: int = 256,
                 num_classes: int = 12,
                 img_size: Sequence[int] = (480, 640),
                 dropout: float = 0.5,
                 norm_cfg: ConfigType = dict(type='BN'),
                 with_cp: bool = False,
                 loss_2d: ConfigType = dict(
                     type='SmoothCrossEntropyLoss', loss_weight=0.25),
                 init_cfg: OptMultiConfig = None) -> None:
        super().__init__(init_cfg)
        self.img_size = tuple(img_size)
        self.with_cp = with_cp
        self.linears = nn.ModuleList(
            nn.Linear(width, channels) for width in in_channels)
        self.dropout = MaskDropout(dropout)
        self.fuse = FoldedSequential(
            nn.Conv2d(
                len(in_channels) * channels, channels, 1, bias=False),
            build_norm_layer(norm_cfg, channels)[1], nn.ReLU(inplace=True))
        self.classifier = nn.Conv2d(channels, num_classes, 1)
        self.loss_2d = MODELS.build(loss_2d)

    def forward(self, feats: Sequence[Tensor]) -> Tuple[Tensor, Tensor]:
        """Fuse the scales and classify.

        Args:
            feats (Sequence[Tensor]): (B, C_s, H_s, W_s), the finest first.

        Returns:
            tuple[Tensor, Tensor]: The fused feature (B, D, H_1, W_1), not
            negative, and the logits (B, num_classes, H, W).
        """
        fused = run_layer(self._fuse, *feats, with_cp=self.with_cp)
        logits = F.interpolate(
            self.classifier(fused),
            self.img_size,
            mode='bilinear',
            align_corners=True)
        return fused, logits

    def _fuse(self, *feats: Tensor) -> Tensor:
        return self.fuse(self.dropout(self._concatenate(feats)))

    def _concatenate(self, feats: Sequence[Tensor]) -> Tensor:
        """Bring every scale to D channels at the finest; deepest first."""
        size = feats[0].shape[-2:]
        scales = [
            F.interpolate(
                _linear_2d(linear, feat),
                size,
                mode='bilinear',
                align_corners=False)
            for linear, feat in zip(self.linears, feats)
        ]
        return torch.cat(scales[::-1], dim=1)

    def loss_by_feat(self, logits_2d: Tensor, mapping2d: Tensor,
                     label: Tensor) -> Dict[str, Tensor]:
        """Compute L2D at the pixels that see a voxel.

        Args:
            logits_2d (Tensor): (B, num_classes, H, W).
            mapping2d (Tensor): (B, H, W) int64, flat voxel index or -1.
            label (Tensor): (B, X, Y, Z) int64.

        Returns:
            dict[str, Tensor]: ``loss_2d``, weighted.
        """
        sample, row, column = (mapping2d >= 0).nonzero(as_tuple=True)
        voxel = mapping2d[sample, row, column]
        return dict(
            loss_2d=self.loss_2d(logits_2d[sample, :, row, column],
                                 label.flatten(1)[sample, voxel]))


def _linear_2d(linear: nn.Linear, feat: Tensor) -> Tensor:
    """Apply a linear layer to the channels of a (B, C, H, W) map."""
    return linear(feat.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
