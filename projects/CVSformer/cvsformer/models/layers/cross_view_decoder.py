from collections.abc import Sequence
from functools import partial

import torch.nn.functional as F
from mmdet3d.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.models.layers import DDRStage, UpsampleBlock3d, run_layer
from cleaners.models.layers.ddr_stage import check_grid
from cleaners.models.layers.folded_sequential import to_fast_layout

from .cross_view_fusion import CrossViewFusion


class CrossViewDecoder(BaseModule):
    """The body of CVSformer's head.

    .. code:: text

        X = V + T                                   F
        X1 = stage1(X) + every other voxel of X     F at 1/2
        X2 = stage2(X1)                             2F at 1/4
        Y = fusion(X2)                              2F at 1/4
        Z1 = up1(Y) + X1                            F at 1/2
        Z2 = up2(Z1) + Z1, interpolated, + V        F

    Args:
        channels (int): F, a multiple of 4.
        grid_size (Sequence[int]): (X, Y, Z), multiples of 4.
        num_heads (int): Of the class attention.
        view_mode (str): Of :obj:`TurnedConv3d`.
        norm_cfg (dict): Norm after each convolution.
        with_cp (bool): Whether its parts are activation-checkpointed.
            Defaults to False.

    Raises:
        InputError: If a grid axis is no multiple of 4.
    """

    def __init__(
        self,
        channels: int,
        grid_size: Sequence[int],
        num_heads: int,
        view_mode: str,
        norm_cfg: ConfigType = dict(type='BN3d'),
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        check_grid(tuple(grid_size))
        self.with_cp = with_cp
        self.stage1 = DDRStage(channels, channels, norm_cfg=norm_cfg)
        self.stage2 = DDRStage(channels, 2 * channels, norm_cfg=norm_cfg)
        quarter = [size // 4 for size in grid_size]
        self.fusion = CrossViewFusion(
            quarter, 2 * channels, num_heads, view_mode, norm_cfg
        )
        self.up1 = UpsampleBlock3d(2 * channels, channels, norm_cfg)
        self.up2 = UpsampleBlock3d(channels, channels, norm_cfg)

    def forward(self, volume: Tensor, tsdf_feat: Tensor) -> Tensor:
        """Run the body.

        Args:
            volume (Tensor): V, (B, F, X, Y, Z).
            tsdf_feat (Tensor): T, the same shape.

        Returns:
            Tensor: The same shape.
        """
        run = partial(run_layer, with_cp=self.with_cp)
        volume = to_fast_layout(volume)
        fused = volume + to_fast_layout(tsdf_feat)
        half = run(self.stage1, fused) + fused[:, :, ::2, ::2, ::2]
        quarter = run(self.fusion, run(self.stage2, half))
        up = run(self.up1, quarter) + half
        coarse = F.interpolate(
            up, volume.shape[2:], mode='trilinear', align_corners=True
        )
        return run(self.up2, up) + coarse + volume
