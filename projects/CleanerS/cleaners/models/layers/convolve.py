from typing import Optional, Union

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

Conv = Union[nn.Conv2d, nn.Conv3d, nn.ConvTranspose3d]


def convolve(conv: Conv, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    """Convolve as a layer would that had this weight and bias.

    Args:
        conv (nn.Conv2d | nn.Conv3d | nn.ConvTranspose3d): Says how.
        x (Tensor): Its input.
        weight (Tensor): In place of its own.
        bias (Tensor, optional): Likewise.

    Returns:
        Tensor: Its output.
    """
    if isinstance(conv, nn.ConvTranspose3d):
        return _convolve_transposed(conv, x, weight, bias)
    if _is_kept_from_onednn(x):
        return torch.mkldnn_convolution(
            x,
            weight,
            bias,
            conv.padding,  # type: ignore[arg-type]  # no str, in these networks
            conv.stride,
            conv.dilation,
            conv.groups,
        )
    run = F.conv2d if isinstance(conv, nn.Conv2d) else F.conv3d
    return run(x, weight, bias, conv.stride, conv.padding, conv.dilation, conv.groups)


def _convolve_transposed(
    conv: nn.ConvTranspose3d, x: Tensor, weight: Tensor, bias: Optional[Tensor]
) -> Tensor:
    args = (
        conv.padding,
        conv.output_padding,
        conv.stride,
        conv.dilation,
        conv.groups,
    )
    if _is_kept_from_onednn(x):
        # what torch.compile calls; there is no public name
        run = torch.ops.mkldnn._convolution_transpose_pointwise
        return run(x, weight, bias, *args, 'none', [], '')
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


def _is_kept_from_onednn(x: Tensor) -> bool:
    """Say whether torch may run its own kernels where oneDNN's are faster.

    It does for a float32 volume of one sample of which C * X * Y is at most
    20480, such as 8 channels on a grid of 60 x 36 x 60. Its backward pass
    decides once more, so that little is won where gradients are needed.
    """
    return (
        x.dim() == 5
        and len(x) == 1
        and x.device.type == 'cpu'
        and x.dtype == torch.float32
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled('cpu')
        and torch.backends.mkldnn.is_available()
        and not torch.compiler.is_compiling()
    )
