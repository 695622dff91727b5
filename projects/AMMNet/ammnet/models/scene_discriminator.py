import math
from collections.abc import Sequence

import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.models.layers import DDRBottleneck
from cleaners.models.layers.folded_sequential import to_fast_layout
from cleaners.utils.errors import InputError

# by which the bottlenecks divide every grid axis, one after another
STRIDES = (2, 2, 3, 1)


@MODELS.register_module()
class SceneDiscriminator(BaseModule):
    """Tell a labelled scene from one that is made up (AMMNet, section 3.2).

    A 1x1x1 convolution, four DDR bottlenecks down to a twelfth of the grid,
    and two linear layers.

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z), multiples of 12.
        num_classes (int): Channels of a scene.
        channels (int): P, a multiple of 4. Defaults to 64.
        norm_cfg (dict): Norm after each convolution.
        init_cfg (dict, optional): Defaults to None (torch's own).

    Raises:
        InputError: If the grid cannot be divided so, or the channels by 4.
    """

    def __init__(
        self,
        grid_size: Sequence[int],
        num_classes: int,
        channels: int = 64,
        norm_cfg: ConfigType = dict(type='BN3d'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        divisor = math.prod(STRIDES)
        for name, sizes, factor in (
            ('grid_size', grid_size, divisor),
            ('channels', [channels], 4),
        ):
            if any(size % factor for size in sizes):
                raise InputError(
                    f"the discriminator's {name} should be divisible by "
                    f'{factor}, but got {tuple(sizes)}'
                )
        wide = 2 * channels
        self.stem = nn.Conv3d(num_classes, channels, 1, bias=False)
        widths = (channels, channels, wide, wide, wide)
        self.blocks = nn.Sequential(
            *[
                DDRBottleneck(before, before // 4, after, stride, norm_cfg=norm_cfg)
                for before, after, stride in zip(widths, widths[1:], STRIDES)
            ]
        )
        cells = math.prod(size // divisor for size in grid_size)
        self.linear = nn.Linear(wide * cells, wide)
        self.logit = nn.Linear(wide, 1)

    def forward(self, scene: Tensor) -> Tensor:
        """Judge scenes.

        Args:
            scene (Tensor): (B, num_classes, X, Y, Z), one-hot or logits.

        Returns:
            Tensor: (B, 1), positive where a scene is taken for a true one.
        """
        feats = self.blocks(self.stem(to_fast_layout(scene)))
        return self.logit(self.linear(feats.flatten(1)).relu())
