from collections.abc import Sequence

from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType

from cleaners.models.layers import VolumeStem


@MODELS.register_module()
class TSDFStem(VolumeStem):
    """Features of the TSDF, from its surroundings of 7x7x7 voxels alone.

    It takes (B, 1, X, Y, Z) in [-1, 1] and gives (B, channels, X, Y, Z), not
    negative.

    Args:
        channels (int): F, of the result.
        stem_channels (Sequence[int]): Channels of the first two 3x3x3
            convolutions. Defaults to (3, 64).
        norm_cfg (dict): Norm after each convolution.
    """

    def __init__(
        self,
        channels: int,
        stem_channels: Sequence[int] = (3, 64),
        norm_cfg: ConfigType = dict(type='BN3d'),
    ) -> None:
        super().__init__((1, *stem_channels, channels), norm_cfg)
