from typing import Any

import torch
import torch.nn as nn
from torch import Tensor
from torch.autograd.function import once_differentiable

from .convolve import convolve


class ConvTranspose3d(nn.ConvTranspose3d):
    """``nn.ConvTranspose3d`` whose bias is cheap to train on the CPU.

    oneDNN takes twice as long for the gradient of the bias as for those of
    weight and input together; it is one sum over the volume.
    """

    bias: Tensor  # there always is one

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # no output_size
        """Convolve (B, C, X, Y, Z)."""
        out = convolve(self, x, self.weight, self.bias.detach())
        return _BiasGradient.apply(out, self.bias)


class _BiasGradient(torch.autograd.Function):
    """Gives a bias that was added already its gradient."""

    @staticmethod
    def forward(ctx: Any, out: Tensor, bias: Tensor) -> Tensor:
        ctx.dtype = bias.dtype
        # not view_as: the strides it gives one sample look as if channels came
        # first, and what follows would leave the channels-last layout
        return out.detach()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        return grad, grad.sum((0, 2, 3, 4)).to(ctx.dtype)
