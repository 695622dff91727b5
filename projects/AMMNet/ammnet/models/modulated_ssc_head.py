from collections.abc import Sequence
from typing import Any

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from cleaners.models.decode_heads import SSCHead
from cleaners.models.layers import AS_IT_IS, GridSymmetry, draw_symmetry
from cleaners.utils.errors import InputError

from .layers import ModulatedDecoder


@MODELS.register_module()
class ModulatedSSCHead(SSCHead):
    """The head of AMMNet: T modulates V in place of being added to it.

    In training V and T are flipped together, as in :obj:`SSCHead`, and first
    and last grid axis are exchanged at random; the logits are brought back,
    so that nobody outside sees it.

    Args:
        *args: Of :obj:`SSCHead`.
        exchange_prob (float): Probability of the exchange. Defaults to 0.5.
        **kwargs: Of :obj:`SSCHead`.

    Attributes:
        last_view (GridSymmetry): Of the last pass in training, for whoever
            wants the logits as they were computed.
    """

    def __init__(self, *args: Any, exchange_prob: float = 0.5, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exchange_prob = exchange_prob
        self.last_view = AS_IT_IS

    def _make_body(
        self, channels: int, norm_cfg: ConfigType, with_cp: bool
    ) -> nn.Module:
        return ModulatedDecoder(channels, norm_cfg, with_cp)

    def decode(self, volumes: list[Tensor]) -> Tensor:
        """Complete the scene from V and T.

        Args:
            volumes (list[Tensor]): V and T, (B, D, X, Y, Z) each.

        Raises:
            InputError: If there is only one of them.
        """
        if len(volumes) != 2:
            raise InputError(
                'ModulatedSSCHead lets the TSDF modulate the '
                'photo: the network needs a backbone and a '
                'tsdf_encoder'
            )
        return self(*volumes)

    # branches on random numbers
    @torch.compiler.disable
    def _choose_views(self) -> Sequence[GridSymmetry]:
        if not self.training:
            return super()._choose_views()
        self.last_view = draw_symmetry(self.flip_prob, self.exchange_prob)
        return [self.last_view]
