from typing import Any

import torch
import torch.nn as nn
from torch import Tensor
from torch.autograd.function import once_differentiable

# an element is kept or not by 16 random bits
_CHANCES = 2**16
# the backward pass of torch's dropout: one pass over the memory
_scale_kept = torch.ops.aten.native_dropout_backward


class MaskDropout(nn.Dropout):
    """``nn.Dropout`` that keeps one byte an element for backward.

    Torch's own keeps a float32 factor on the CPU, which is as large as the
    input, and draws a number for every element there: four are made of one
    here, so that p is rounded to 1 / 65536.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Drop elements of ``x``, of any shape."""
        if not self.training or self.p == 0:
            return x
        if self.p == 1 or x.device.type != 'cpu':
            return torch.native_dropout(x, self.p, True)[0]
        return _KeepSome.apply(x, _draw_kept(x, self.p), 1.0 / (1.0 - self.p))


def _draw_kept(x: Tensor, p: float) -> Tensor:
    """Return which elements stay, bool, from torch's generator."""
    # of all 64 bits (but one of the 2**64 numbers)
    numbers = torch.randint(-(2**63), 2**63 - 1, (-(-x.numel() // 4),))
    bits = numbers.view(torch.int16)[: x.numel()]
    # as signed numbers they begin at minus half of the chances
    kept = bits < round((1.0 - p) * _CHANCES) - _CHANCES // 2
    # in the order of the input's memory
    return torch.empty_like(x, dtype=torch.bool).copy_(kept.view(x.shape))


class _KeepSome(torch.autograd.Function):
    """Multiply by a mask and a number."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kept: Tensor, scale: float) -> Tensor:
        ctx.save_for_backward(kept)
        ctx.scale = scale
        return _scale_kept(x, kept, scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return _scale_kept(grad, *ctx.saved_tensors, ctx.scale), None, None
