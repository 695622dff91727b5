"""What becomes of the answers of a discriminator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from cleaners.utils.precision import full_precision


def verdict_loss(
    verdict: Tensor, is_true: bool, counts: Optional[Tensor] = None
) -> Tensor:
    """Compute the binary cross-entropy of verdicts, mean over the batch.

    Args:
        verdict (Tensor): (B, 1) logits.
        is_true (bool): What they should be.
        counts (Tensor, optional): (B,) bool, frames that count; the others
            add 0. Defaults to None: all.
    """
    verdict = full_precision(verdict)[:, 0]
    losses = F.binary_cross_entropy_with_logits(
        verdict, torch.full_like(verdict, is_true), reduction='none'
    )
    if counts is not None:
        losses = losses.where(counts, 0.0)
    return losses.mean()


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through a module, but not to its parameters."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)
