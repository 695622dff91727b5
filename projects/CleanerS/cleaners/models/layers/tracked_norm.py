"""Whether a layer is a BatchNorm that keeps running statistics."""

from typing import TYPE_CHECKING

import torch.nn as nn
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

    class TrackedNorm(_BatchNorm):
        """One that has what torch declares to be optional."""

        running_mean: Tensor
        running_var: Tensor
        num_batches_tracked: Tensor


def is_tracked_norm(layer: nn.Module) -> 'TypeGuard[TrackedNorm]':
    """Tell whether a layer is such a norm."""
    return isinstance(layer, _BatchNorm) and layer.track_running_stats
