"""Losses on rows of logits, of this project or of others."""

import inspect

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
        cfg (dict): Of the loss. What has no argument ``ignore_index``, such as
            mmseg's CrossEntropyLoss, sees the targets that count alone.
        part (str): Name of the setting, for messages.
        ignore_index (int): Target that does not count.

    Raises:
        InputError: If it is no config, or names another ``ignore_index``.
    """
    if isinstance(cfg, (list, tuple)):
        raise InputError(f'{part} is a list; it should be one loss, dict(type=...)')
    kind = (cfg or {}).get('type')
    kind = MODELS.get(kind) if isinstance(kind, str) else kind
    if kind is not None and 'ignore_index' not in inspect.signature(kind).parameters:
        return CountedRowsLoss(MODELS.build(cfg), ignore_index)
    return MODELS.build(hand_over(dict(ignore_index=ignore_index), part, cfg))


class CountedRowsLoss(nn.Module):
    """A loss that knows of no ignored targets, on those that count.

    Args:
        loss (nn.Module): Of logits (N, C) and targets (N,).
        ignore_index (int): Target that does not count.
    """

    def __init__(self, loss: nn.Module, ignore_index: int) -> None:
        super().__init__()
        self.loss = loss
        self.ignore_index = ignore_index

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss; 0 with a zero gradient where no target counts.

        Args:
            logits (Tensor): (N, C).
            target (Tensor): (N,) int64, a class or ``ignore_index``.
        """
        counts = target != self.ignore_index
        if not counts.any():
            return logits.sum() * 0
        return self.loss(full_precision(logits)[counts], target[counts])
