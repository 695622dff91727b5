from typing import Any, Union

import torch.nn as nn
from mmcv.cnn import build_norm_layer
from mmdet3d.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor

from .folded_sequential import FoldedSequential
from .grid_pool3d import GridPool3d

# Axes of a (B, C, X, Y, Z) volume, in the order the block convolves them.
AXIS_ORDER = (2, 1, 0)


def _along(axis: int, value: int, other: int) -> tuple[int, int, int]:
    """Return a triple that is ``value`` on one grid axis, ``other`` else."""
    x, y, z = (value if i == axis else other for i in range(3))
    return x, y, z


def conv_norm(
    in_channels: int,
    out_channels: int,
    norm_cfg: ConfigType,
    kernel_size: Union[int, tuple[int, int, int]] = 1,
    **kwargs: Any,
) -> FoldedSequential:
    """Build a 3D convolution without bias and its norm.

    Torch's default initial weights are kept on purpose (they are the
    authors'; mmcv's ``ConvModule`` would draw others).
    """
    conv = nn.Conv3d(in_channels, out_channels, kernel_size, bias=False, **kwargs)
    return FoldedSequential(conv, build_norm_layer(norm_cfg, out_channels)[1])


class DDRBottleneck(BaseModule):
    """Dimensional decomposition residual bottleneck (METHOD section 2.5).

    A 1x1x1 convolution to ``mid_channels``; factorised convolutions over the
    last, the middle and the first grid axis with dense additions in between;
    a 1x1x1 convolution to ``out_channels``; the residual.

    Under stride each factorised convolution divides its own axis, so the
    earlier outputs are reduced before they are added: the first over the
    middle axis, then that result and the second over the first axis.

    Args:
        in_channels (int): Channels of the input.
        mid_channels (int): Channels of the factorised convolutions.
        out_channels (int): Channels of the output; equal to ``in_channels``
            unless there is a stride.
        stride (int): 1, 2 or 3, of which every grid axis is a multiple.
            Defaults to 1.
        dilation (int): Of the factorised convolutions. Defaults to 1.
        norm_cfg (dict): Norm after each convolution.
    """

    def __init__(
        self,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        stride: int = 1,
        dilation: int = 1,
        norm_cfg: ConfigType = dict(type='BN3d'),
    ) -> None:
        super().__init__()
        if stride not in (1, 2, 3):
            raise ValueError(f'stride should be 1, 2 or 3, but got {stride}')
        if stride == 1 and in_channels != out_channels:
            raise ValueError(
                'a stride-1 bottleneck keeps its channels, but '
                f'got {in_channels} -> {out_channels}'
            )
        self.stride = stride
        self.reduce = conv_norm(in_channels, mid_channels, norm_cfg)
        self.axis_convs = nn.ModuleList(
            conv_norm(
                mid_channels,
                mid_channels,
                norm_cfg,
                kernel_size=_along(axis, 3, 1),
                stride=_along(axis, stride, 1),
                padding=_along(axis, dilation, 0),
                dilation=_along(axis, dilation, 1),
            )
            for axis in AXIS_ORDER
        )
        self.expand = conv_norm(mid_channels, out_channels, norm_cfg)
        if stride > 1:
            self.pool_first_y = self._pool(mid_channels, 1, norm_cfg)
            self.pool_first_x = self._pool(mid_channels, 0, norm_cfg)
            self.pool_second_x = self._pool(mid_channels, 0, norm_cfg)
            self.shortcut = FoldedSequential(
                GridPool3d(stride=stride),
                *conv_norm(in_channels, out_channels, norm_cfg),
            )

    def _pool(self, channels: int, axis: int, norm_cfg: ConfigType) -> FoldedSequential:
        return FoldedSequential(
            GridPool3d([axis], self.stride), *conv_norm(channels, channels, norm_cfg)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Run the block.

        Args:
            x (Tensor): (B, in_channels, X, Y, Z).

        Returns:
            Tensor: (B, out_channels, X, Y, Z), every grid axis divided by
            ``stride``; not negative.
        """
        # in place wherever no gradient needs the value
        conv_z, conv_y, conv_x = self.axis_convs
        first = conv_z(self.reduce(x).relu_())
        second = conv_y(first.relu())
        if self.stride > 1:
            first = self.pool_first_y(first)
        second += first
        third = conv_x(second.relu())
        if self.stride > 1:
            first = self.pool_first_x(first)
            second = self.pool_second_x(second)
        third += first
        third += second
        out = self.expand(third.relu_())
        out += self.shortcut(x) if self.stride > 1 else x
        return out.relu_()
