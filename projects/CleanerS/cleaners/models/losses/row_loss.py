"""Losses on rows of logits, of this project or of others."""

import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from ...utils.errors import InputError
from ...utils.precision import full_precision
from ..shared_settings import hand_over


def build_row_loss(cfg: ConfigType, part: str, ignore_index: int) -> nn.Module:
    """Build a loss that is called with logits (N, C) and targets (N,).

    Args:
        cfg (dict): Of the loss. One of mmdet or mmseg sees the targets that count
            alone, see :obj:`CountedRowsLoss`; any other gets ``ignore_index``.
        part (str): Name of the setting, for messages.
        ignore_index (int): Target that does not count.

    Raises:
        InputError: If it is no config, or names another ``ignore_index``.
    """
    if isinstance(cfg, (list, tuple)):
        raise InputError(f'{part} is a list; it should be one loss, dict(type=...)')
    kind = (cfg or {}).get('type')
    kind = MODELS.get(kind) if isinstance(kind, str) else kind
    source = getattr(kind, '__module__', '').split('.')[0]
    if source in ('mmdet', 'mmseg'):
        loss = MODELS.build(cfg)
        return CountedRowsLoss(loss, ignore_index, as_image=source == 'mmseg')
    return MODELS.build(hand_over(dict(ignore_index=ignore_index), part, cfg))


class CountedRowsLoss(nn.Module):
    """A loss of others, on the targets that count.

    Their means would run over the ignored targets, too.

    Args:
        loss (nn.Module): Of logits and targets.
        ignore_index (int): Target that does not count.
        as_image (bool): Whether the loss takes images, (1, C, N, 1) and (1, N, 1),
            as mmseg's do, in place of (N, C) and (N,).
    """

    def __init__(self, loss: nn.Module, ignore_index: int, as_image: bool) -> None:
        super().__init__()
        self.loss = loss
        self.ignore_index = ignore_index
        self.as_image = as_image

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss; 0 with a zero gradient where no target counts.

        Args:
            logits (Tensor): (N, C).
            target (Tensor): (N,) int64, a class or ``ignore_index``.
        """
        counts = target != self.ignore_index
        if not counts.any():
            return logits.sum() * 0
        rows, target = full_precision(logits)[counts], target[counts]
        if self.as_image:
            return self.loss(rows.T[None, :, :, None], target[None, :, None])
        return self.loss(rows, target)
