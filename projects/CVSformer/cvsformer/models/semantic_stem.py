from collections.abc import Sequence

import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from cleaners.models.layers import VolumeStem


@MODELS.register_module()
class SemanticStem(VolumeStem):
    """Features of 2D labels that were put into the grid.

    It takes (B, num_labels, X, Y, Z), one-hot, or 0 where no pixel sees a
    voxel, and gives (B, channels, X, Y, Z), not negative.

    Args:
        channels (int): F, of the result.
        num_labels (int): Labels are 0..num_labels-1.
        stem_channels (Sequence[int]): Channels of the first two 3x3x3
            convolutions. Defaults to (3, 64).
        norm_cfg (dict): Norm after each convolution.
    """

    def __init__(
        self,
        channels: int,
        num_labels: int,
        stem_channels: Sequence[int] = (3, 64),
        norm_cfg: ConfigType = dict(type='BN3d'),
    ) -> None:
        super().__init__((num_labels, *stem_channels, channels), norm_cfg)
        self.num_labels = num_labels

    def spread_labels(self, seg2d: Tensor) -> Tensor:
        """Give every label a channel of its own.

        Args:
            seg2d (Tensor): (B, H, W) int64, 0..num_labels-1.

        Returns:
            Tensor: (B, num_labels, H, W), one-hot, in the weights' dtype.
        """
        one_hot = F.one_hot(seg2d, self.num_labels).permute(0, 3, 1, 2)
        return one_hot.to(next(self.parameters()))
