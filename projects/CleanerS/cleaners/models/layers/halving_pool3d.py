from typing import Sequence

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


class HalvingPool3d(nn.AvgPool3d):
    """Average pooling that halves some grid axes.

    Equal to ``nn.AvgPool3d``. Torch's CPU kernel for channels-last volumes
    is many times slower than the 2D one, so those are pooled in 2D.

    Args:
        axes (Sequence[int]): Of 0, 1, 2. Defaults to all.
    """

    def __init__(self, axes: Sequence[int] = (0, 1, 2)) -> None:
        super().__init__(tuple(2 if axis in axes else 1 for axis in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        """Pool (B, C, X, Y, Z); the last of an odd axis is left out."""
        if x.device.type != 'cpu' or x.shape[2] % 2 or not x.is_contiguous(
                memory_format=torch.channels_last_3d):
            return super().forward(x)
        batch, _, x_size = x.shape[:3]
        # slices along the first axis side by side: (B * X, C, Y, Z)
        slices = x.transpose(1, 2).flatten(0, 1)
        if self.kernel_size[1:] != (1, 1):
            slices = F.avg_pool2d(slices, self.kernel_size[1:])
        step = self.kernel_size[0]
        if step == 2:
            rows = slices.permute(0, 2, 3, 1)
            slices = rows.unflatten(0, (-1, 2)).mean(1).permute(0, 3, 1, 2)
        return slices.unflatten(0, (batch, x_size // step)).transpose(1, 2)
