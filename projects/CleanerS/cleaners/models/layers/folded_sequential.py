from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Callable, Optional

import torch
import torch.nn as nn
from torch import Tensor

from .convolve import Conv, convolve
from .tracked_norm import is_tracked_norm
from .volume_norm import volume_norm

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

    from .tracked_norm import TrackedNorm

_CONVS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose3d)


class FoldedSequential(nn.Sequential):
    """``nn.Sequential`` of convolution, BatchNorm and ReLU, made fast.

    - In eval mode and without gradients a convolution, its BatchNorm and a
      ReLU run as one convolution. Its weights are made anew at every call (which
      costs as much as the weights are large, not the volume), so nothing
      can go stale.
    - On the CPU volumes are channels-last, and under autocast a convolution
      whose kernel is longer than its input runs in float32.

    The result is that of ``nn.Sequential`` up to rounding, the state_dict is
    its own.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Run the layers in turn."""
        layers = list(self)
        while layers:
            layer = layers.pop(0)
            if isinstance(layer, _CONVS):
                norm = _find_folded(layers)
                layers = layers[norm is not None :]
                relu = norm is not None and _starts_with_relu(layers)
                layers = layers[relu:]
                x = _run_conv(to_fast_layout(x), layer, norm, relu)
            elif _is_volume_norm(layer, x):
                relu = _starts_with_relu(layers)
                layers = layers[relu:]
                x = volume_norm(x, layer, relu)
            else:
                x = layer(x)
        return x


def to_fast_layout(x: Tensor) -> Tensor:
    """Make a volume (B, C, X, Y, Z) on the CPU channels-last."""
    if x.dim() == 5 and x.device.type == 'cpu':
        return x.contiguous(memory_format=torch.channels_last_3d)
    return x


def _run_conv(
    x: Tensor, conv: Conv, norm: 'Optional[TrackedNorm]', relu: bool
) -> Tensor:
    """Run a convolution, with BatchNorm and ReLU to fold into it if any."""
    run: Callable[[Tensor], Tensor] = conv
    if norm is not None:
        run = partial(folded_conv, conv=conv, norm=norm, relu=relu)
    return run_convolution(run, x, conv.kernel_size)


def run_convolution(
    run: Callable[[Tensor], Tensor], x: Tensor, kernel_size: Sequence[int]
) -> Tensor:
    """Run a convolution, in float32 where autocast would get a wrong one.

    Some of oneDNN 3.12's bfloat16 kernels are wrong where the input is
    shorter than the convolution's kernel: in the weight gradient of three
    taps over two slices a third slice is read from behind the volume,
    whatever the memory holds there.

    Args:
        run (Callable): The convolution, whose weights are float32.
        x (Tensor): Its input, (B, C, ...).
        kernel_size (Sequence[int]): Along each axis.
    """
    is_wrong = (
        x.device.type == 'cpu'
        and torch.is_autocast_enabled('cpu')
        and any(size < length for size, length in zip(x.shape[2:], kernel_size))
    )
    if not is_wrong:
        return run(x)
    with torch.autocast('cpu', enabled=False):
        return run(x.float()).to(x.dtype)


def folded_conv(
    x: Tensor, conv: Conv, norm: 'TrackedNorm', relu: bool = False
) -> Tensor:
    """Run a convolution and its BatchNorm in eval mode as one.

    Args:
        x (Tensor): Input of the convolution.
        conv (nn.Conv2d | nn.Conv3d | nn.ConvTranspose3d): The convolution.
        norm (nn.Module): BatchNorm with running statistics.
        relu (bool): Whether a ReLU follows. Defaults to False.

    Returns:
        Tensor: ``norm(conv(x))`` up to rounding, or that of the ReLU.
    """
    # not torch's fuse_conv_bn_weights: torch.compile stops at its Parameter
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    shape = (1, -1) if isinstance(conv, nn.ConvTranspose3d) else (-1, 1)
    weight = conv.weight * scale.view(*shape, *[1] * (conv.weight.dim() - 2))
    mean = norm.running_mean
    if conv.bias is not None:
        mean = mean - conv.bias
    bias = norm.bias - mean * scale
    return convolve(conv, x, weight, bias, relu)


def _find_folded(layers: list[nn.Module]) -> 'Optional[TrackedNorm]':
    """Return the first of the layers if it folds into what is before it."""
    if torch.is_grad_enabled() or not layers:
        return None
    norm = layers[0]
    if is_tracked_norm(norm) and not norm.training and norm.affine:
        return norm
    return None


def _starts_with_relu(layers: list[nn.Module]) -> bool:
    return len(layers) > 0 and isinstance(layers[0], nn.ReLU)


def _is_volume_norm(layer: nn.Module, x: Tensor) -> 'TypeGuard[nn.BatchNorm3d]':
    return (
        type(layer) is nn.BatchNorm3d
        and layer.affine
        and layer.training
        and x.device.type == 'cpu'
        and x.is_contiguous(memory_format=torch.channels_last_3d)
        and not torch.compiler.is_compiling()
    )
