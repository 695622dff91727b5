"""A network whose every size is fixed, as exporters want it."""

import math
from copy import deepcopy
from typing import cast

import torch
import torch.nn as nn
from torch import Tensor

from ..models.necks import VoxelProjectionNeck
from ..models.segmentors import SSCSegmentor
from .static_projection import StaticProjection

# what the exported network calls the inputs of the backbone
_BACKBONE_INPUTS = dict(imgs='img', seg2d='seg2d')


class StaticSSCNet(nn.Module):
    """An :obj:`SSCSegmentor` for one frame of fixed sizes, in eval mode.

    It reads ``mapping`` in place of ``mapping2d``, by
    :obj:`StaticProjection`, and takes only what the network sees.

    Args:
        net (SSCSegmentor): Copied to the CPU, in float32; left as it is.
    """

    net: SSCSegmentor

    def __init__(self, net: SSCSegmentor) -> None:
        super().__init__()
        self.net = deepcopy(net)
        self.net.to('cpu', torch.float32, memory_format=torch.contiguous_format)
        if net.voxel_neck is not None:
            neck = cast(VoxelProjectionNeck, net.voxel_neck)
            self.net.voxel_neck = StaticProjection(
                net.img_size, net.grid_size, neck.align_corners, neck.initialize
            )
        self.eval().requires_grad_(False)

    def forward(self, **inputs: Tensor) -> Tensor:
        """Compute the logits.

        Args:
            **inputs (Tensor): As :meth:`make_inputs`.

        Returns:
            Tensor: (1, num_classes, X, Y, Z); with a void logit
            num_classes + 1, that one last.
        """
        net = self.net
        batch = {}
        if net.tsdf_encoder is not None:
            batch['tsdf'] = inputs['tsdf']
        if net.backbone is not None:
            name = _BACKBONE_INPUTS[net.backbone_input]
            batch[net.backbone_input] = inputs[name]
            # under this name the network hands it to its neck
            batch['mapping2d'] = inputs['mapping'][None]
        return net.encode_decode(batch)

    def make_inputs(self) -> dict[str, Tensor]:
        """Make the inputs of an empty frame, in the order of the export.

        Returns:
            dict[str, Tensor]: As far as the network sees them, ``img``
            (1, 3, H, W) float32, normalised RGB; ``seg2d`` (1, H, W) int64;
            ``tsdf`` (1, 1, X, Y, Z) float32; ``mapping`` (X*Y*Z,) int64, the
            pixel ``row * W + column`` of each voxel, H*W for none.
        """
        net, inputs = self.net, {}
        if net.backbone is not None:
            sizes = dict(
                img=((1, 3, *net.img_size), torch.float32),
                seg2d=((1, *net.img_size), torch.int64),
            )
            name = _BACKBONE_INPUTS[net.backbone_input]
            shape, dtype = sizes[name]
            inputs[name] = torch.zeros(shape, dtype=dtype)
        if net.tsdf_encoder is not None:
            inputs['tsdf'] = torch.zeros(1, 1, *net.grid_size)
        if net.backbone is not None:
            inputs['mapping'] = torch.full(
                (math.prod(net.grid_size),), math.prod(net.img_size)
            )
        return inputs
