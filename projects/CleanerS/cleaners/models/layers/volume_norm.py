"""BatchNorm of channels-last volumes on the CPU.

Torch's kernel for this layout adds up a whole volume in plain float32, which
loses a digit of the statistics, and keeps the output of a ReLU that follows.
"""
from typing import Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

# Numbers that stay in the cache over several passes.
_CHUNK_NUMBERS = 2**19


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
    if norm.track_running_stats:
        _update_running(norm, mean, var, x.numel() // x.shape[1])
    return _VolumeNorm.apply(x, norm.weight, norm.bias, mean, var, norm.eps,
                             relu)


@torch.no_grad()
def batch_statistics(x: Tensor) -> Tuple[Tensor, Tensor]:
    """Return mean and biased variance of each channel of (B, C, X, Y, Z)."""
    chunks = _chunks(x)
    # deviations from a value near the mean lose nothing when squared
    near = chunks[0].mean(0)
    first, second = _zeros_like(near, 2)
    for chunk in chunks:
        deviation = chunk - near
        first += deviation.sum(0)
        second += deviation.square_().sum(0)
    count = x.numel() // x.shape[1]
    offset = first / count
    var = second / count - offset.square()
    return (near + offset).to(x.dtype), var.to(x.dtype)


@torch.no_grad()
def _update_running(norm: nn.BatchNorm3d, mean: Tensor, var: Tensor,
                    count: int) -> None:
    norm.num_batches_tracked += 1
    momentum = norm.momentum
    if momentum is None:  # a plain average over all batches
        momentum = 1. / float(norm.num_batches_tracked)
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(var * (count / max(count - 1, 1)), momentum)


class _VolumeNorm(torch.autograd.Function):
    """BatchNorm and ReLU of which only the input is kept for backward."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor,
                var: Tensor, eps: float, relu: bool) -> Tensor:
        ctx.save_for_backward(x, weight, bias, mean, var)
        ctx.eps, ctx.relu = eps, relu
        out = F.batch_norm(x, mean, var, weight, bias, eps=eps)
        return out.relu_() if relu else out

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> Tuple[Optional[Tensor], ...]:
        x, weight, bias, mean, var = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last_3d)
        invstd = (var + ctx.eps).rsqrt()
        grad_x = torch.empty_like(x)
        first, second = _zeros_like(mean, 2)
        for rows, rows_grad, out in zip(
                _chunks(x), _chunks(grad), _chunks(grad_x)):
            if ctx.relu:
                forward = _as_volume(rows)
                forward = F.batch_norm(
                    forward, mean, var, weight, bias, eps=ctx.eps)
                rows_grad = torch.ops.aten.threshold_backward.grad_input(
                    rows_grad, _rows(forward), 0, grad_input=out)
            first += rows_grad.sum(0)
            second += (rows - mean).mul_(rows_grad).sum(0)
        if ctx.relu:
            grad = grad_x  # what passed the ReLU
        grad_weight = (second * invstd).to(x.dtype)

        # d x = weight * invstd * (d y - mean(d y) - x^ * mean(d y * x^))
        count = x.numel() // x.shape[1]
        scale = weight * invstd
        shift = (scale * first / count).to(x.dtype)
        slope = scale * grad_weight * invstd / count
        for rows, rows_grad, out in zip(
                _chunks(x), _chunks(grad), _chunks(grad_x)):
            torch.mul(rows_grad, scale, out=out)
            out.addcmul_(rows - mean, slope, value=-1).sub_(shift)
        return grad_x, grad_weight, first.to(x.dtype), None, None, None, None


def _rows(volume: Tensor) -> Tensor:
    """View channels-last (B, C, X, Y, Z) as (N, C)."""
    return volume.permute(0, 2, 3, 4, 1).view(-1, volume.shape[1])


def _as_volume(rows: Tensor) -> Tensor:
    """View (N, C) as channels-last (1, C, N, 1, 1)."""
    return rows.t()[None, :, :, None, None]


def _chunks(volume: Tensor) -> Tuple[Tensor, ...]:
    """View it as rows (n, C), cut into parts for the cache."""
    return _rows(volume).split(max(1, _CHUNK_NUMBERS // volume.shape[1]))


def _zeros_like(channels: Tensor, number: int) -> Tuple[Tensor, ...]:
    """Return accumulators of double precision."""
    return channels.new_zeros((number, len(channels)),
                              dtype=torch.float64).unbind()
