from collections.abc import Sequence
from typing import Any

import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from cleaners.models.decode_heads import SSCHead

from .layers import CrossViewDecoder


@MODELS.register_module()
class CrossViewHead(SSCHead):
    """The head of CVSformer: the room seen from several sides.

    V, of the semantics, and T, of the TSDF, go in one by one, for V is added
    once more before the classifier.

    Args:
        *args: Of :obj:`SSCHead`.
        grid_size (Sequence[int]): Voxels along (X, Y, Z), multiples of 4.
            Kernels and tokens follow from it.
        num_heads (int): Of the class attention, a divisor of 2 F. Defaults to
            8.
        view_mode (str): 'rotated', or what the public code makes of it, see
            :obj:`TurnedConv3d`. Defaults to 'rotated'.
        **kwargs: Of :obj:`SSCHead`.
    """

    def __init__(
        self,
        *args: Any,
        grid_size: Sequence[int],
        num_heads: int = 8,
        view_mode: str = 'rotated',
        **kwargs: Any,
    ) -> None:
        # first, for the base makes the body of it
        self.body_settings: dict[str, Any] = dict(
            grid_size=tuple(grid_size), num_heads=num_heads, view_mode=view_mode
        )
        super().__init__(*args, **kwargs)

    def _make_body(
        self, channels: int, norm_cfg: ConfigType, with_cp: bool
    ) -> nn.Module:
        return CrossViewDecoder(
            channels, norm_cfg=norm_cfg, with_cp=with_cp, **self.body_settings
        )

    def decode(self, volumes: list[Tensor]) -> Tensor:
        """Complete the scene from V and T.

        Args:
            volumes (list[Tensor]): V and T, (B, F, X, Y, Z) each.
        """
        return self(*volumes)
