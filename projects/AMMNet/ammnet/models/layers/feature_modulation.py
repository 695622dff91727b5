import torch
import torch.nn as nn
from mmengine.model import BaseModule
from torch import Tensor


class FeatureModulation(BaseModule):
    """Scale and shift a volume as another one says (AMMNet, section 3.1).

    ``x * (1 + sigmoid(A t)) + C t`` with 1x1x1 convolutions A and C.

    Args:
        channels (int): Of both volumes.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Conv3d(channels, channels, 1)
        self.shift = nn.Conv3d(channels, channels, 1)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        """Modulate ``x`` by ``guide``, both (B, channels, X, Y, Z)."""
        # without 1 + gate, which would be one volume more to keep
        scaled = torch.addcmul(x, x, self.gate(guide).sigmoid())
        return scaled.add_(self.shift(guide))
