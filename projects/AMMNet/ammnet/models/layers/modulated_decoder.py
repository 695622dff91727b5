from functools import partial

import torch.nn as nn
from mmdet3d.utils import ConfigType
from torch import Tensor

from cleaners.models.layers import (
    DDRBottleneck,
    DDREncoderDecoder,
    UpsampleBlock3d,
    run_layer,
)
from cleaners.models.layers.ddr_stage import check_grid
from cleaners.models.layers.folded_sequential import to_fast_layout

from .feature_modulation import FeatureModulation


class ModulatedDecoder(DDREncoderDecoder):
    """The body of CleanerS' head, modulated by T in three places.

    In place of V + T the volume V is modulated before the first stage, after
    the skip is added at half resolution, and before the classifier. For the
    second T is brought down to a quarter and up to a half, for the third up
    again.

    Args:
        channels (int): D, a multiple of 4.
        norm_cfg (dict): Norm after each convolution.
        with_cp (bool): Whether its parts are activation-checkpointed.
            Defaults to False.
    """

    def __init__(
        self,
        channels: int,
        norm_cfg: ConfigType = dict(type='BN3d'),
        with_cp: bool = False,
    ) -> None:
        super().__init__(channels, norm_cfg=norm_cfg, with_cp=with_cp)
        self.modulations = nn.ModuleList(FeatureModulation(channels) for _ in range(3))
        down = partial(
            DDRBottleneck, channels, channels // 4, stride=2, norm_cfg=norm_cfg
        )
        self.guide_down = nn.Sequential(
            down(out_channels=channels),
            down(out_channels=2 * channels),
            UpsampleBlock3d(2 * channels, channels, norm_cfg),
        )
        self.guide_up = UpsampleBlock3d(channels, channels, norm_cfg)

    # of two volumes, where the body itself takes one
    def forward(self, volume: Tensor, guide: Tensor) -> Tensor:  # type: ignore[override]
        """Run the body.

        Args:
            volume (Tensor): V, (B, D, X, Y, Z), every grid axis a multiple
                of 4.
            guide (Tensor): T, the same shape.

        Returns:
            Tensor: The same shape.
        """
        check_grid(tuple(volume.shape[-3:]))
        # once, for all that read it
        volume, guide = to_fast_layout(volume), to_fast_layout(guide)
        run = partial(run_layer, with_cp=self.with_cp)
        at_start, at_half, at_end = self.modulations
        half = run(self.stage1, run(at_start, volume, guide))
        up = self.dropout(run(self.up1, run(self.stage2, half)))
        guide = run(self.guide_down, guide)
        up = run(self.up2, run(at_half, up + half, guide))
        return run(at_end, up, run(self.guide_up, guide))
