from functools import partial

import torch.nn as nn
from mmcv.cnn import build_norm_layer
from mmdet3d.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor

from ...utils.errors import InputError
from .checkpointing import run_layer
from .conv_transpose3d import ConvTranspose3d
from .ddr_bottleneck import DDRBottleneck
from .folded_sequential import FoldedSequential
from .mask_dropout import MaskDropout

# of the bottlenecks that keep the grid
_DILATIONS = (1, 2, 3)


class DDRStage(nn.Sequential):
    """One bottleneck that halves the grid, three that do not (METHOD section 2.3).

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output. The middle width is a
            quarter of the width that each bottleneck gets.
        norm_cfg (dict): Norm after each convolution.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm_cfg: ConfigType = dict(type='BN3d'),
    ) -> None:
        blocks = [
            DDRBottleneck(
                in_channels, in_channels // 4, out_channels, stride=2, norm_cfg=norm_cfg
            )
        ]
        blocks += [
            DDRBottleneck(
                out_channels,
                out_channels // 4,
                out_channels,
                dilation=dilation,
                norm_cfg=norm_cfg,
            )
            for dilation in _DILATIONS
        ]
        super().__init__(*blocks)


class UpsampleBlock3d(FoldedSequential):
    """Transposed 3x3x3 convolution that doubles the grid, norm, ReLU.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        norm_cfg (dict): Norm after the convolution.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm_cfg: ConfigType = dict(type='BN3d'),
    ) -> None:
        super().__init__(
            ConvTranspose3d(
                in_channels,
                out_channels,
                kernel_size=3,
                stride=2,
                padding=1,
                output_padding=1,
            ),
            build_norm_layer(norm_cfg, out_channels)[1],
            nn.ReLU(inplace=True),
        )


class DDREncoderDecoder(BaseModule):
    """Two DDR stages down, two transposed convolutions up, one skip.

    The body that the TSDF branch and the completion head share:
    D -> D at 1/2 -> 2D at 1/4 -> D at 1/2 (plus the first stage's output)
    -> D at full resolution.

    Args:
        channels (int): D, a multiple of 4.
        dropout (float): Element dropout on the first upsampled volume,
            before the skip is added. Defaults to 0.
        norm_cfg (dict): Norm after each convolution.
        with_cp (bool): Whether stages and transposed convolutions are
            activation-checkpointed. Defaults to False.
    """

    def __init__(
        self,
        channels: int,
        dropout: float = 0.0,
        norm_cfg: ConfigType = dict(type='BN3d'),
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        if channels % 4:
            raise InputError(f'channels should be a multiple of 4, but got {channels}')
        self.with_cp = with_cp
        self.stage1 = DDRStage(channels, channels, norm_cfg=norm_cfg)
        self.stage2 = DDRStage(channels, 2 * channels, norm_cfg=norm_cfg)
        self.up1 = UpsampleBlock3d(2 * channels, channels, norm_cfg)
        self.dropout = MaskDropout(dropout)
        self.up2 = UpsampleBlock3d(channels, channels, norm_cfg)

    def forward(self, x: Tensor) -> Tensor:
        """Run the body.

        Args:
            x (Tensor): (B, D, X, Y, Z), every grid axis a multiple of 4.

        Returns:
            Tensor: The same shape.
        """
        check_grid(tuple(x.shape[-3:]))
        run = partial(run_layer, with_cp=self.with_cp)
        half = run(self.stage1, x)
        up = self.dropout(run(self.up1, run(self.stage2, half)))
        return run(self.up2, up + half)


def check_grid(grid_size: tuple[int, ...]) -> None:
    """Refuse a grid that cannot be halved twice.

    Raises:
        InputError: If an axis is not a multiple of 4.
    """
    if any(size % 4 for size in grid_size):
        raise InputError(
            f'every grid axis should be a multiple of 4, but got {grid_size}'
        )
