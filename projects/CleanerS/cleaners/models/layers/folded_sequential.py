import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from .volume_norm import volume_norm

_CONVS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose3d)


class FoldedSequential(nn.Sequential):
    """``nn.Sequential`` of convolution, BatchNorm and ReLU, made fast.

    - In eval mode and without gradients a convolution and its BatchNorm run
      as one convolution. Its weights are made anew at every call (which
      costs as much as the weights are large, not the volume), so nothing
      can go stale.
    - On the CPU volumes are channels-last.

    The result is that of ``nn.Sequential`` up to rounding, the state_dict is
    its own.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Run the layers in turn."""
        layers = list(self)
        while layers:
            layer = layers.pop(0)
            if isinstance(layer, _CONVS):
                x = to_fast_layout(x)
                if layers and _folds(layers[0]):
                    x = folded_conv(x, layer, norm=layers.pop(0))
                else:
                    x = layer(x)
            elif _is_volume_norm(layer, x):
                relu = bool(layers) and isinstance(layers[0], nn.ReLU)
                x = volume_norm(x, layer, relu)
                layers = layers[relu:]
            else:
                x = layer(x)
        return x


def to_fast_layout(x: Tensor) -> Tensor:
    """Make a volume (B, C, X, Y, Z) on the CPU channels-last."""
    if x.dim() == 5 and x.device.type == 'cpu':
        return x.contiguous(memory_format=torch.channels_last_3d)
    return x


def folded_conv(x: Tensor, conv: nn.Module, norm: _BatchNorm) -> Tensor:
    """Run a convolution and its BatchNorm in eval mode as one.

    Args:
        x (Tensor): Input of the convolution.
        conv (nn.Module): ``Conv2d``, ``Conv3d`` or ``ConvTranspose3d``.
        norm (nn.Module): BatchNorm with running statistics.

    Returns:
        Tensor: ``norm(conv(x))`` up to rounding.
    """
    transposed = isinstance(conv, nn.ConvTranspose3d)
    # not torch's fuse_conv_bn_weights: torch.compile stops at its Parameter
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    shape = (1, -1) if transposed else (-1, 1)
    weight = conv.weight * scale.view(*shape, *[1] * (conv.weight.dim() - 2))
    mean = norm.running_mean
    if conv.bias is not None:
        mean = mean - conv.bias
    bias = norm.bias - mean * scale
    if transposed:
        return F.conv_transpose3d(x, weight, bias, conv.stride, conv.padding,
                                  conv.output_padding, conv.groups,
                                  conv.dilation)
    run = F.conv2d if isinstance(conv, nn.Conv2d) else F.conv3d
    return run(x, weight, bias, conv.stride, conv.padding, conv.dilation,
               conv.groups)


def _folds(layer: nn.Module) -> bool:
    return (isinstance(layer, _BatchNorm) and not layer.training
            and layer.affine and layer.track_running_stats
            and not torch.is_grad_enabled())


def _is_volume_norm(layer: nn.Module, x: Tensor) -> bool:
    return (type(layer) is nn.BatchNorm3d and layer.training
            and x.device.type == 'cpu'
            and x.is_contiguous(memory_format=torch.channels_last_3d)
            and not torch.is_autocast_enabled('cpu')
            and not torch.compiler.is_compiling())
