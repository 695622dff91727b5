from typing import Any, Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable


class ConvTranspose3d(nn.ConvTranspose3d):
    """``nn.ConvTranspose3d`` whose bias is cheap to train on the CPU.

    oneDNN takes twice as long for the gradient of the bias as for those of
    weight and input together; it is one sum over the volume.
    """

    bias: Tensor  # there always is one

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # no output_size
        """Convolve (B, C, X, Y, Z)."""
        out = conv_transpose3d(self, x, self.weight, self.bias.detach())
        return _BiasGradient.apply(out, self.bias)


def conv_transpose3d(
    conv: nn.ConvTranspose3d, x: Tensor, weight: Tensor, bias: Optional[Tensor]
) -> Tensor:
    """Convolve as a layer would that had this weight and bias."""
    return F.conv_transpose3d(
        x,
        weight,
        bias,
        conv.stride,
        conv.padding,  # type: ignore[arg-type]  # no str, in a transposed one
        conv.output_padding,
        conv.groups,
        conv.dilation,
    )


class _BiasGradient(torch.autograd.Function):
    """Gives a bias that was added already its gradient."""

    @staticmethod
    def forward(ctx: Any, out: Tensor, bias: Tensor) -> Tensor:
        ctx.dtype = bias.dtype
        return out.view_as(out)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        return grad, grad.sum((0, 2, 3, 4)).to(ctx.dtype)
