import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from ...structures import EMPTY_CLASS
from ...utils.precision import full_precision
from .smooth_cross_entropy_loss import share_of_targets


@MODELS.register_module()
class VoidLoss(nn.Module):
    """Teach a logit of its own which voxels belong to no object.

    The cross-entropy of METHOD section 3 runs over occluded and surface
    voxels only: in visible free space, out of the view and out of the room a
    network is never told anything. There the void logit shall be positive,
    in the voxels of an object negative; occluded empty voxels, which the
    class logits learn, do not count. The sum of three means of the binary
    cross-entropy, one a region, so that no region outweighs another.

    Args:
        free_weight (float): Of visible free space: empty voxels without
            label weight. Defaults to 1.
        outside_weight (float): Of the voxels without a label, which are out
            of the view or of the room. Defaults to 1.
        ignore_index (int): Label of these. Defaults to 255.
        loss_weight (float): Of the sum. Defaults to 1.
    """

    def __init__(
        self,
        free_weight: float = 1.0,
        outside_weight: float = 1.0,
        ignore_index: int = 255,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.free_weight = free_weight
        self.outside_weight = outside_weight
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, label: Tensor, label_weight: Tensor) -> Tensor:
        """Compute the loss; in a distributed run every process must.

        Args:
            logits (Tensor): Of void, (B, X, Y, Z).
            label (Tensor): (B, X, Y, Z) int64.
            label_weight (Tensor): (B, X, Y, Z) bool.

        Returns:
            Tensor: Scalar, weighted.
        """
        outside = label == self.ignore_index
        empty = label == EMPTY_CLASS
        logits = full_precision(logits)
        return self.loss_weight * (
            _mean_over(logits, ~(outside | empty))
            + self.free_weight * _mean_over(-logits, empty & ~label_weight)
            + self.outside_weight * _mean_over(-logits, outside)
        )


def _mean_over(logits: Tensor, region: Tensor) -> Tensor:
    """Mean of -log(1 - sigmoid) over a region of all processes' batches."""
    chosen = logits[region]
    share = share_of_targets(region.sum())
    if not len(chosen):
        return logits.sum() * 0
    return share * F.softplus(chosen).mean()
