import torch.nn as nn
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmdet3d.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.models.layers import FoldedSequential


class CrossViewAttention(BaseModule):
    """A view looks at the summary of all views.

    A non-local block (Wang et al., CVPR 2018) of one head, whose products of
    query and key are not scaled.

    Args:
        channels (int): C, of view and summary.
        norm_cfg (dict): Norm of what is found.
    """

    def __init__(self, channels: int, norm_cfg: ConfigType) -> None:
        super().__init__()
        half = channels // 2
        self.query = nn.Conv3d(channels, half, 1)
        self.key = nn.Conv3d(channels, half, 1)
        self.value = nn.Conv3d(channels, half, 1)
        self.project = FoldedSequential(
            nn.Conv3d(half, channels, 1), build_norm_layer(norm_cfg, channels)[1]
        )

    def forward(self, view: Tensor, summary: Tensor) -> Tensor:
        """Add what is found to the view.

        Args:
            view (Tensor): (B, C, x, y, z).
            summary (Tensor): (B, C, a, b, c).

        Returns:
            Tensor: (B, C, x, y, z).
        """
        query, key, value = (
            # (B, 1, N, C / 2): exporters ask for an axis of heads
            layer(volume).flatten(2).transpose(1, 2)[:, None]
            for layer, volume in (
                (self.query, view),
                (self.key, summary),
                (self.value, summary),
            )
        )
        found = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        found = found[:, 0].transpose(1, 2).unflatten(2, view.shape[2:])
        return view + self.project(found)
