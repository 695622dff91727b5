from collections.abc import Sequence

import torch.nn as nn
from mmdet3d.utils import ConfigType

from .ddr_bottleneck import conv_norm
from .folded_sequential import FoldedSequential


class VolumeStem(nn.Sequential):
    """3x3x3 convolutions that keep the grid, each with norm and ReLU.

    Args:
        widths (Sequence[int]): Channels of the input and after each
            convolution.
        norm_cfg (dict): Norm after each convolution.
    """

    def __init__(self, widths: Sequence[int], norm_cfg: ConfigType) -> None:
        super().__init__(
            *[
                FoldedSequential(
                    *conv_norm(before, after, norm_cfg, kernel_size=3, padding=1),
                    nn.ReLU(inplace=True),
                )
                for before, after in zip(widths, widths[1:])
            ]
        )
