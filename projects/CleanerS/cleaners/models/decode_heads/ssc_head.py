from typing import Dict, List

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from ..layers import DDREncoderDecoder

# Sideways and depth; rooms are not upside down.
FLIP_DIMS = (2, 4)


@MODELS.register_module()
class SSCHead(BaseModule):
    """3D-SSCNet: class logits of every voxel (METHOD section 2.4).

    In training the fused volume is flipped at random along the sideways and
    the depth axis, once a batch, and the logits are flipped back, so that
    nobody outside sees the flip.

    Args:
        channels (int): D of the input. Defaults to 256.
        num_classes (int): With the empty class. Defaults to 12.
        dropout (float): Channel dropout before the classifier. Defaults to
            0.1.
        flip_prob (float): Probability of each flip. Defaults to 0.5.
        norm_cfg (dict): Norm after each convolution.
        loss_ssc (dict): Loss on the voxels that count.
        init_cfg (dict, optional): Defaults to None (torch's own).
    """

    def __init__(self,
                 channels: int = 256,
                 num_classes: int = 12,
                 dropout: float = 0.1,
                 flip_prob: float = 0.5,
                 norm_cfg: ConfigType = dict(type='BN3d'),
                 loss_ssc: ConfigType = dict(type='SmoothCrossEntropyLoss'),
                 init_cfg: OptMultiConfig = None) -> None:
        super().__init__(init_cfg)
        self.flip_prob = flip_prob
        self.body = DDREncoderDecoder(channels, norm_cfg=norm_cfg)
        self.dropout = nn.Dropout3d(dropout)
        self.classifier = nn.Conv3d(channels, num_classes, 1)
        self.loss_ssc = MODELS.build(loss_ssc)

    def forward(self, voxel_feat: Tensor, tsdf_feat: Tensor) -> Tensor:
        """Complete the scene.

        Args:
            voxel_feat (Tensor): V, (B, D, X, Y, Z).
            tsdf_feat (Tensor): T, the same shape.

        Returns:
            Tensor: Logits Y, (B, num_classes, X, Y, Z).
        """
        flips = self._draw_flips()
        fused = torch.flip(voxel_feat + tsdf_feat, flips)
        logits = self.classifier(self.dropout(self.body(fused)))
        return torch.flip(logits, flips)

    def _draw_flips(self) -> List[int]:
        """Draw the dimensions to flip, from torch's generator."""
        if not self.training:
            return []
        draws = torch.rand(len(FLIP_DIMS)).tolist()
        return [dim for dim, p in zip(FLIP_DIMS, draws) if p < self.flip_prob]

    def loss_by_feat(self, logits: Tensor, label: Tensor,
                     label_weight: Tensor) -> Dict[str, Tensor]:
        """Compute L3D on the voxels that count.

        Args:
            logits (Tensor): (B, num_classes, X, Y, Z).
            label (Tensor): (B, X, Y, Z) int64.
            label_weight (Tensor): (B, X, Y, Z) bool.

        Returns:
            dict[str, Tensor]: ``loss_ssc``, weighted.
        """
        rows = logits.permute(0, 2, 3, 4, 1)[label_weight]
        return dict(loss_ssc=self.loss_ssc(rows, label[label_weight]))
