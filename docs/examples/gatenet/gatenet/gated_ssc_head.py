import torch.nn as nn
from mmdet3d.registry import MODELS
from torch import Tensor

from cleaners.models.decode_heads import SSCHead
from cleaners.utils.errors import InputError


@MODELS.register_module()
class GatedSSCHead(SSCHead):
    """Let the surface decide how much of the photo passes.

    In place of V + T it completes ``V * sigmoid(G T) + T``, with a 1x1x1
    convolution G.

    Args:
        channels (int): D.
        *args, **kwargs: Of :obj:`SSCHead`.
    """

    def __init__(self, channels: int, *args, **kwargs) -> None:
        super().__init__(channels, *args, **kwargs)
        self.gate = nn.Conv3d(channels, channels, 1)

    def decode(self, volumes: list[Tensor]) -> Tensor:
        """Complete the scene from V and T, (B, D, X, Y, Z) each.

        Raises:
            InputError: If there is only one of them.
        """
        if len(volumes) != 2:
            raise InputError(
                'GatedSSCHead gates the photo by the TSDF: the network needs a '
                'backbone and a tsdf_encoder'
            )
        tsdf_feat, voxel_feat = volumes.pop(), volumes.pop()
        return self(voxel_feat * self.gate(tsdf_feat).sigmoid() + tsdf_feat)
