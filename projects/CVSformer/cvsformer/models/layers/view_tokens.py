import math
from collections.abc import Sequence

import torch
import torch.nn as nn
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.models.layers import FoldedSequential

from .class_attention import ClassAttention

_NUM_BLOCKS = 2
_STD = 0.02  # of what is learned from the start
# voxels of a view, along each axis, for one token
_VOXELS = 3


class ViewTokens(BaseModule):
    """Sum up a view in a coarse grid of tokens.

    They come about in two ways, whose results are added: by class attention
    to all voxels, and by a convolution whose kernel is nearly as large as the
    view. A grid of (15, 9, 15) has 5 x 3 x 5 tokens and a kernel of
    (13, 9, 13).

    Args:
        grid_size (Sequence[int]): Of the view.
        channels (int): C, of voxels and tokens.
        num_heads (int): Of the attention.
    """

    def __init__(self, grid_size: Sequence[int], channels: int, num_heads: int) -> None:
        super().__init__()
        self.grid_size = tuple(grid_size)
        num_tokens = math.prod(token_grid(grid_size))
        num_voxels = math.prod(grid_size)
        self.tokens = nn.Parameter(torch.empty(1, num_tokens, channels))
        self.positions = nn.Parameter(torch.empty(1, num_tokens + num_voxels, channels))
        for learned in (self.tokens, self.positions):
            nn.init.trunc_normal_(learned, std=_STD)
        self.blocks = nn.ModuleList(
            ClassAttention(channels, num_heads) for _ in range(_NUM_BLOCKS)
        )
        # so that with a padding of 1 it gives the grid of the tokens
        depth, height, width = (
            size + 3 - tokens for size, tokens in zip(grid_size, token_grid(grid_size))
        )
        self.conv = FoldedSequential(
            nn.Conv3d(channels, channels, (depth, height, width), padding=1)
        )

    def forward(self, view: Tensor) -> Tensor:
        """Sum up the view.

        Args:
            view (Tensor): (B, C, x, y, z).

        Returns:
            Tensor: (B, T, C), the tokens in C order of their grid.
        """
        num_tokens = self.tokens.shape[1]
        first = (self.tokens + self.positions[:, :num_tokens]).expand(len(view), -1, -1)
        rows = view.permute(0, 2, 3, 4, 1).flatten(1, 3)
        patches = rows + self.positions[:, num_tokens:]
        attended = first
        for block in self.blocks:
            attended = block(attended, patches)
        volume = patches.unflatten(1, self.grid_size).permute(0, 4, 1, 2, 3)
        convolved = first + self.conv(volume).flatten(2).transpose(1, 2)
        # the first tokens count twice, as published
        return attended + convolved


def token_grid(grid_size: Sequence[int]) -> tuple[int, ...]:
    """Return how many tokens there are along each axis of a view."""
    return tuple(math.ceil(size / _VOXELS) for size in grid_size)
