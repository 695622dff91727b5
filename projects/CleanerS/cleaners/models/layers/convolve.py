from typing import Optional, Union

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

Conv = Union[nn.Conv2d, nn.Conv3d, nn.ConvTranspose3d]

# what torch.compile calls; there are no public names
_HAS_ONEDNN = torch.backends.mkldnn.is_available() and all(
    hasattr(torch.ops.mkldnn, name)
    for name in ('_convolution_pointwise', '_convolution_transpose_pointwise')
)


def convolve(
    conv: Conv, x: Tensor, weight: Tensor, bias: Optional[Tensor], relu: bool = False
) -> Tensor:
    """Convolve as a layer would that had this weight and bias.

    On the CPU, in float32 and without gradients, oneDNN is called by name. It
    computes a ReLU on the way, and torch keeps it from small volumes: of one
    sample whose channels times the first two axes are at most 20480 (8
    channels on 60 x 36 x 60). Torch's own kernels are up to 13 times slower
    there.

    Args:
        conv (nn.Conv2d | nn.Conv3d | nn.ConvTranspose3d): Says how.
        x (Tensor): Its input.
        weight (Tensor): In place of its own.
        bias (Tensor, optional): Likewise.
        relu (bool): Whether a ReLU follows. Defaults to False.

    Returns:
        Tensor: Its output, or that of the ReLU.
    """
    if _is_for_onednn(x):
        return _run_onednn(conv, x, weight, bias, 'relu' if relu else 'none')
    out = _run_torch(conv, x, weight, bias)
    return F.relu(out, inplace=True) if relu else out


def _is_for_onednn(x: Tensor) -> bool:
    return (
        _HAS_ONEDNN
        and x.device.type == 'cpu'
        and x.dtype == torch.float32
        and not torch.is_autocast_enabled('cpu')
        and not torch.is_grad_enabled()
        and not torch.compiler.is_compiling()
    )


def _run_onednn(
    conv: Conv, x: Tensor, weight: Tensor, bias: Optional[Tensor], act: str
) -> Tensor:
    settings: tuple = (conv.stride, conv.dilation, conv.groups, act, [], '')
    if isinstance(conv, nn.ConvTranspose3d):
        return torch.ops.mkldnn._convolution_transpose_pointwise(
            x, weight, bias, conv.padding, conv.output_padding, *settings
        )
    return torch.ops.mkldnn._convolution_pointwise(
        x, weight, bias, conv.padding, *settings
    )


def _run_torch(conv: Conv, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    if isinstance(conv, nn.ConvTranspose3d):
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
    run = F.conv2d if isinstance(conv, nn.Conv2d) else F.conv3d
    return run(x, weight, bias, conv.stride, conv.padding, conv.dilation, conv.groups)
