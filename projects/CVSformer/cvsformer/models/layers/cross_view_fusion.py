from collections.abc import Sequence

import torch
import torch.nn as nn
from mmdet3d.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor

from .cross_view_attention import CrossViewAttention
from .turned_conv3d import TurnedConv3d
from .view_tokens import ViewTokens, token_grid

# by which the views are turned, beside the one as it is
ANGLES = (45, 90, 135)


class CrossViewFusion(BaseModule):
    """Make views of a volume, and let each know what the others see.

    .. code:: text

        volume, and turned by 45, 90 and 135 degrees    4 views
        tokens of each view -> 1D convolution           summary
        each view + what it finds in the summary
          -> convolution, + the volume                  result

    Args:
        grid_size (Sequence[int]): Of the volume.
        channels (int): C.
        num_heads (int): Of the class attention.
        view_mode (str): Of :obj:`TurnedConv3d`.
        norm_cfg (dict): Norm in the attention between the views.
    """

    def __init__(
        self,
        grid_size: Sequence[int],
        channels: int,
        num_heads: int,
        view_mode: str,
        norm_cfg: ConfigType,
    ) -> None:
        super().__init__()
        self.token_grid = token_grid(grid_size)
        self.turns = nn.ModuleList(
            TurnedConv3d(channels, channels, degrees, grid_size, view_mode)
            for degrees in ANGLES
        )
        num_views = 1 + len(ANGLES)
        self.view_tokens = nn.ModuleList(
            ViewTokens(grid_size, channels, num_heads) for _ in range(num_views)
        )
        # along the tokens, whose rows follow one another
        self.fuse_tokens = nn.Conv1d(num_views * channels, channels, 3, padding=1)
        self.attentions = nn.ModuleList(
            CrossViewAttention(channels, norm_cfg) for _ in range(num_views)
        )
        self.fuse_views = nn.Conv3d(num_views * channels, channels, 3, padding=1)

    def forward(self, volume: Tensor) -> Tensor:
        """Fuse the views of (B, C, x, y, z); the same shape."""
        views = [volume, *(turn(volume) for turn in self.turns)]
        tokens = [sum_up(view) for sum_up, view in zip(self.view_tokens, views)]
        summary = self.fuse_tokens(torch.cat(tokens, 2).transpose(1, 2))
        summary = summary.unflatten(2, self.token_grid)
        seen = [attend(view, summary) for attend, view in zip(self.attentions, views)]
        return self.fuse_views(torch.cat(seen, 1)) + volume
