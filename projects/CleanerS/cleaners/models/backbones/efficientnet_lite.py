import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn as nn
from mmcv.cnn import ConvModule
from mmdet3d.registry import MODELS
from mmdet3d.utils import OptMultiConfig
from mmengine.model import BaseModule
from mmseg.models.utils import InvertedResidualV3, make_divisible
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from ...utils.errors import InputError
from .strict_pretrained import StrictPretrained


class _Stage(NamedTuple):
    """Blocks of one width: their number, kernel, stride, and expansion."""

    num_blocks: int
    kernel_size: int
    stride: int
    expansion: int
    channels: int


# of the smallest variant; the others scale numbers and channels
_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
_STEM_CHANNELS = 32
# how many times as wide and as deep
_SCALES = dict(lite0=(1.0, 1.0), lite1=(1.0, 1.1), lite2=(1.1, 1.2))
# the last stage at strides 4, 8, 16 and 32
_OUT_STAGES = (1, 2, 4, 6)


@MODELS.register_module()
class EfficientNetLite(StrictPretrained, BaseModule):
    """EfficientNet-Lite up to its last block, for the 2DNet.

    MobileNetV2's inverted residuals without squeeze and excitation, with
    ReLU6; TensorFlow's padding, as the ImageNet weights were trained
    (``efficientnet-lite://lite0``, :func:`load_efficientnet_lite`). Photos
    come as RGB, (x - 127) / 128.

    Args:
        variant (str): 'lite0', 'lite1' or 'lite2'. Defaults to 'lite0'.
        norm_eval (bool): Whether BatchNorm keeps its running statistics in
            training, too: batches are small. Defaults to True.
        channels_last (bool): Whether to run in that memory format, which is
            faster on a CPU: a photo of 480 x 640 takes about a fifth less in
            float32. The maps come in it, too. Defaults to False.
        init_cfg (dict, optional): Defaults to None.

    Raises:
        InputError: If there is no such variant.
    """

    def __init__(
        self,
        variant: str = 'lite0',
        norm_eval: bool = True,
        channels_last: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        if variant not in _SCALES:
            raise InputError(
                f'variant should be one of {list(_SCALES)}, but got {variant!r}'
            )
        self.norm_eval = norm_eval
        self.memory_format = (
            torch.channels_last if channels_last else torch.contiguous_format
        )
        layer: dict[str, Any] = dict(
            norm_cfg=dict(type='BN', eps=1e-3, momentum=0.01),
            act_cfg=dict(type='ReLU6'),
        )
        self.stem = ConvModule(
            3,
            _STEM_CHANNELS,
            3,
            stride=2,
            conv_cfg=dict(type='Conv2dAdaptivePadding'),
            **layer,
        )
        stages, channels = [], _STEM_CHANNELS
        for stage in scaled_stages(variant):
            blocks = []
            for index in range(stage.num_blocks):
                blocks.append(
                    InvertedResidualV3(
                        channels,
                        stage.channels,
                        channels * stage.expansion,
                        stage.kernel_size,
                        1 if index else stage.stride,
                        with_expand_conv=stage.expansion > 1,
                        **layer,
                    )
                )
                channels = stage.channels
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        # torch's overloads leave it out
        self.to(memory_format=self.memory_format)  # type: ignore[call-overload]

    def forward(self, img: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps at strides 4, 8, 16 and 32.

        Args:
            img (Tensor): (B, 3, H, W), normalised.

        Returns:
            tuple[Tensor]: (B, C_s, H / s, W / s), the finest first.
        """
        feat = self.stem(img.contiguous(memory_format=self.memory_format))
        feats = []
        for index, stage in enumerate(self.stages):
            feat = stage(feat)
            if index in _OUT_STAGES:
                feats.append(feat)
        return tuple(feats)

    def train(self, mode: bool = True) -> 'EfficientNetLite':
        """Switch the mode; BatchNorm may stay in eval mode."""
        super().train(mode)
        if self.norm_eval:
            for module in self.modules():
                # SyncBatchNorm, too
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self


def scaled_stages(variant: str) -> Sequence[_Stage]:
    """Return the stages of a variant.

    Stem, first and last stage keep their depth in all variants.
    """
    width, depth = _SCALES[variant]
    stages: list[_Stage] = []
    for index, stage in enumerate(_STAGES):
        is_scaled = 0 < index < len(_STAGES) - 1
        num_blocks = math.ceil(depth * stage.num_blocks)
        stages.append(
            stage._replace(
                num_blocks=num_blocks if is_scaled else stage.num_blocks,
                channels=make_divisible(stage.channels * width, 8),
            )
        )
    return stages
