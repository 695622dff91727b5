from collections.abc import Sequence

from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from ..layers import DDREncoderDecoder, VolumeStem, run_layer


@MODELS.register_module()
class TSDFEncoder(BaseModule):
    """3D-TSDFNet: features of the surface (METHOD section 2.3).

    Args:
        channels (int): D, channels of the result.
        stem_channels (Sequence[int]): Channels of the first two 3x3x3
            convolutions. Defaults to (3, 64).
        dropout (float): Element dropout inside the body. Defaults to 0.3.
        norm_cfg (dict): Norm after each convolution.
        with_cp (bool): Whether to trade time for memory by activation
            checkpointing. Defaults to False.
        init_cfg (dict, optional): Defaults to None (torch's own).
    """

    def __init__(
        self,
        channels: int,
        stem_channels: Sequence[int] = (3, 64),
        dropout: float = 0.3,
        norm_cfg: ConfigType = dict(type='BN3d'),
        with_cp: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.stem = VolumeStem((1, *stem_channels, channels), norm_cfg)
        self.body = DDREncoderDecoder(channels, dropout, norm_cfg, with_cp)

    def forward(self, tsdf: Tensor) -> Tensor:
        """Encode the volume.

        Args:
            tsdf (Tensor): (B, 1, X, Y, Z) in [-1, 1].

        Returns:
            Tensor: T, (B, D, X, Y, Z).
        """
        stem = run_layer(self.stem, tsdf, with_cp=self.body.with_cp)
        return self.body(stem)
