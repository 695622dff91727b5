from collections.abc import Sequence

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


class GridPool3d(nn.AvgPool3d):
    """Average pooling that divides some grid axes.

    Equal to ``nn.AvgPool3d``. Torch's CPU kernel for channels-last volumes
    is many times slower than the 2D one, so those are pooled in 2D.

    Args:
        axes (Sequence[int]): Of 0, 1, 2. Defaults to all.
        stride (int): By which they are divided. Defaults to 2.
    """

    kernel_size: tuple[int, int, int]

    def __init__(self, axes: Sequence[int] = (0, 1, 2), stride: int = 2) -> None:
        x, y, z = (stride if axis in axes else 1 for axis in range(3))
        super().__init__((x, y, z))
        self.step = stride

    def forward(self, x: Tensor) -> Tensor:
        """Pool (B, C, X, Y, Z); what is over of an axis is left out."""
        is_whole = x.shape[2] % self.step == 0
        if (
            x.device.type != 'cpu'
            or not is_whole
            or not x.is_contiguous(memory_format=torch.channels_last_3d)
        ):
            return super().forward(x)
        batch, _, x_size = x.shape[:3]
        # slices along the first axis side by side: (B * X, C, Y, Z)
        slices = x.transpose(1, 2).flatten(0, 1)
        if self.kernel_size[1:] != (1, 1):
            slices = F.avg_pool2d(slices, self.kernel_size[1:])
        step = self.kernel_size[0]
        if step > 1:
            rows = slices.permute(0, 2, 3, 1)
            rows = rows.unflatten(0, (-1, step)).mean(1)
            slices = rows.permute(0, 3, 1, 2)
        return slices.unflatten(0, (batch, x_size // step)).transpose(1, 2)
