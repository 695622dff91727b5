"""BatchNorm of channels-last volumes on the CPU.

Torch's kernel for this layout adds up a whole volume in plain float32, which
loses a digit of the statistics, and keeps the output of a ReLU that follows.
"""

from typing import TYPE_CHECKING, Any, Optional

import numpy as np
import torch
import torch.nn as nn
from torch import Tensor
from torch.autograd.function import once_differentiable

from ...utils.precision import full_precision
from . import volume_norm_kernels as kernels
from .tracked_norm import is_tracked_norm

if TYPE_CHECKING:
    from .tracked_norm import TrackedNorm

# rows whose mean is near that of all
_NEAR_ROWS = 64


def volume_norm(x: Tensor, norm: nn.BatchNorm3d, relu: bool) -> Tensor:
    """Run BatchNorm in training mode, and ReLU.

    Args:
        x (Tensor): (B, C, X, Y, Z), channels-last.
        norm (nn.BatchNorm3d): Its running statistics are updated.
        relu (bool): Whether a ReLU follows.

    Returns:
        Tensor: The same shape and layout.
    """
    mean, var = batch_statistics(x)
    if is_tracked_norm(norm):
        _update_running(norm, mean, var, x.numel() // x.shape[1])
    return _VolumeNorm.apply(x, norm.weight, norm.bias, mean, var, norm.eps, relu)


@torch.no_grad()
def batch_statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and biased variance of each channel of (B, C, X, Y, Z).

    They are in float32 where the volume is in bfloat16.
    """
    near = full_precision(_rows(x)[:_NEAR_ROWS]).mean(0)
    first, second = torch.from_numpy(
        kernels.sum_moments(_numbers(x), near.numpy())
    ) / len(_rows(x))
    var = second - first.square()
    return (near + first).to(near.dtype), var.to(near.dtype)


@torch.no_grad()
def _update_running(norm: 'TrackedNorm', mean: Tensor, var: Tensor, count: int) -> None:
    norm.num_batches_tracked += 1
    momentum = norm.momentum
    if momentum is None:  # a plain average over all batches
        momentum = 1.0 / float(norm.num_batches_tracked)
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(var * (count / max(count - 1, 1)), momentum)


class _VolumeNorm(torch.autograd.Function):
    """BatchNorm and ReLU of which only the input is kept for backward."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        var: Tensor,
        eps: float,
        relu: bool,
    ) -> Tensor:
        ctx.save_for_backward(x, weight, bias, mean, var)
        ctx.eps, ctx.relu = eps, relu
        out = torch.empty_like(x)
        kernels.normalise(
            _numbers(x),
            *_scale_and_shift(weight, bias, mean, var, eps),
            relu,
            _numbers(out),
        )
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Optional[Tensor], ...]:
        x, weight, bias, mean, var = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last_3d)
        known = (
            _numbers(x),
            _numbers(grad),
            mean.numpy(),
            *_scale_and_shift(weight, bias, mean, var, ctx.eps),
            ctx.relu,
        )
        first, second = torch.from_numpy(kernels.sum_gradients(*known))

        # d x = weight * invstd * (d y - mean(d y) - x^ * mean(d y * x^))
        invstd = (var.double() + ctx.eps).rsqrt()
        grad_weight = second * invstd
        per_voxel = weight * invstd / (x.numel() // x.shape[1])
        slope = (per_voxel * grad_weight * invstd).to(mean.dtype)
        offset = (per_voxel * first).to(mean.dtype)
        grad_x = torch.empty_like(x)
        kernels.input_gradient(*known, slope.numpy(), offset.numpy(), _numbers(grad_x))
        return (
            grad_x,
            grad_weight.to(weight.dtype),
            first.to(weight.dtype),
            None,
            None,
            None,
            None,
        )


def _scale_and_shift(
    weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor, eps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what BatchNorm multiplies by and adds, (C,) each."""
    scale = weight * (var + eps).rsqrt()
    return scale.numpy(), (bias - mean * scale).numpy()


def _rows(volume: Tensor) -> Tensor:
    """View channels-last (B, C, X, Y, Z) as (N, C)."""
    return volume.permute(0, 2, 3, 4, 1).view(-1, volume.shape[1])


def _numbers(volume: Tensor) -> np.ndarray:
    """View it as an array (N, C), bfloat16 as its bits."""
    rows = _rows(volume.detach())
    if rows.dtype == torch.bfloat16:
        rows = rows.view(torch.uint16)
    return rows.numpy()
