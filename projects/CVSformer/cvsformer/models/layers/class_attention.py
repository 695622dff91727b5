import torch
import torch.nn as nn
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.utils.errors import InputError

_EPS = 1e-6
_FIRST_SCALE = 1e-5
_MLP_RATIO = 4


class ClassAttention(BaseModule):
    """Tokens look at themselves and at patches, which stay as they are.

    A block of CaiT (Touvron et al., ICCV 2021) for several tokens: attention
    and an MLP, each after a norm and with a scale for every channel.

    Args:
        channels (int): Of tokens and patches.
        num_heads (int): A divisor of the channels.

    Raises:
        InputError: If it is none.
    """

    def __init__(self, channels: int, num_heads: int) -> None:
        super().__init__()
        if channels % num_heads:
            raise InputError(
                f'num_heads should divide the {channels} channels of the views, '
                f'but is {num_heads}'
            )
        self.num_heads = num_heads
        self.norm1 = nn.LayerNorm(channels, eps=_EPS)
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.project = nn.Linear(channels, channels)
        self.scale1 = nn.Parameter(torch.full((channels,), _FIRST_SCALE))
        self.norm2 = nn.LayerNorm(channels, eps=_EPS)
        self.mlp = nn.Sequential(
            nn.Linear(channels, _MLP_RATIO * channels),
            nn.GELU(),
            nn.Linear(_MLP_RATIO * channels, channels),
        )
        self.scale2 = nn.Parameter(torch.full((channels,), _FIRST_SCALE))

    def forward(self, tokens: Tensor, patches: Tensor) -> Tensor:
        """Update the tokens.

        Args:
            tokens (Tensor): (B, T, channels).
            patches (Tensor): (B, N, channels).

        Returns:
            Tensor: (B, T, channels).
        """
        tokens = tokens + self.scale1 * self._attend(tokens, patches)
        return tokens + self.scale2 * self.mlp(self.norm2(tokens))

    def _attend(self, tokens: Tensor, patches: Tensor) -> Tensor:
        seen = self.norm1(torch.cat((tokens, patches), 1))
        query = self.query(seen[:, : tokens.shape[1]])
        found = F.scaled_dot_product_attention(
            self._split_heads(query),
            self._split_heads(self.key(seen)),
            self._split_heads(self.value(seen)),
        )
        return self.project(found.transpose(1, 2).flatten(2))

    def _split_heads(self, rows: Tensor) -> Tensor:
        """Turn (B, N, channels) into (B, num_heads, N, channels / num_heads)."""
        return rows.unflatten(2, (self.num_heads, -1)).transpose(1, 2)
