from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import Optional

import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.utils import OptConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from ..backbones.strict_pretrained import StrictPretrained
from ..layers import run_layer
from ..losses.row_loss import build_row_loss


class Base2DHead(StrictPretrained, BaseModule, metaclass=ABCMeta):
    """Base of the heads of the 2DNet (METHOD section 2.1).

    ``forward`` gives the fused feature F, which is projected into the grid,
    and the 2D logits, which only the auxiliary loss L2D reads. A head says
    in :meth:`fuse_feats` how it makes F from the backbone's maps.

    Args:
        channels (int): D of the fused feature.
        num_classes (int): With the empty class.
        img_size (Sequence[int]): (H, W) of the 2D logits.
        ignore_index (int): Label that does not count in the loss. Defaults
            to 255.
        with_cp (bool): Whether to trade time for memory by activation
            checkpointing. Defaults to False.
        loss_2d (dict, optional): Loss on the pixels that see a voxel. None:
            there are no 2D logits.
        init_cfg (dict, optional): 'Pretrained' takes a :obj:`Segmentor2D`.
            Defaults to None (torch's own).
    """

    part = 'head_2d'

    def __init__(
        self,
        channels: int,
        num_classes: int,
        img_size: Sequence[int],
        ignore_index: int = 255,
        with_cp: bool = False,
        loss_2d: OptConfigType = dict(type='SmoothCrossEntropyLoss', loss_weight=0.25),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.img_size = tuple(img_size)
        self.with_cp = with_cp
        self.loss_2d: Optional[nn.Module] = None
        self.classifier: Optional[nn.Module] = None
        if loss_2d is not None:
            self.classifier = nn.Conv2d(channels, num_classes, 1)
            self.loss_2d = build_row_loss(loss_2d, 'loss_2d', ignore_index)

    @abstractmethod
    def fuse_feats(self, *feats: Tensor) -> Tensor:
        """Make the fused feature.

        Args:
            *feats (Tensor): (B, C_s, H_s, W_s), the finest first.

        Returns:
            Tensor: (B, D, h, w), not negative.
        """

    def forward(self, feats: Sequence[Tensor]) -> tuple[Tensor, Optional[Tensor]]:
        """Fuse the scales and classify.

        Args:
            feats (Sequence[Tensor]): (B, C_s, H_s, W_s), the finest first.

        Returns:
            tuple[Tensor, Tensor | None]: The fused feature (B, D, h, w), not
            negative, and the logits (B, num_classes, H, W), None without a
            loss that reads them.
        """
        fused = run_layer(self.fuse_feats, *feats, with_cp=self.with_cp)
        if self.classifier is None:
            return fused, None
        logits = F.interpolate(
            self.classifier(fused), self.img_size, mode='bilinear', align_corners=True
        )
        return fused, logits

    def loss_by_feat(
        self, logits_2d: Tensor, mapping2d: Tensor, label: Tensor
    ) -> dict[str, Tensor]:
        """Compute L2D at the pixels that see a voxel.

        Args:
            logits_2d (Tensor): (B, num_classes, H, W).
            mapping2d (Tensor): (B, H, W) int64, flat voxel index or -1.
            label (Tensor): (B, X, Y, Z) int64.

        Returns:
            dict[str, Tensor]: ``loss_2d``, weighted; nothing where there is no
            such loss.
        """
        if self.loss_2d is None:
            return {}
        sample, row, column = (mapping2d >= 0).nonzero(as_tuple=True)
        voxel = mapping2d[sample, row, column]
        return dict(
            loss_2d=self.loss_2d(
                logits_2d[sample, :, row, column], label.flatten(1)[sample, voxel]
            )
        )
