import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from cleaners.models.losses.smooth_cross_entropy_loss import share_of_targets
from cleaners.utils.precision import full_precision


@MODELS.register_module()
class FocalVoxelLoss(nn.Module):
    """Cross-entropy in which voxels that are right already count less.

    Args:
        gamma (float): 0 is plain cross-entropy. Defaults to 2.
        ignore_index (int): Label that does not count. Defaults to 255.
        loss_weight (float): Defaults to 1.
    """

    def __init__(
        self, gamma: float = 2.0, ignore_index: int = 255, loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            logits (Tensor): (N, num_classes), of the voxels with label weight.
            target (Tensor): (N,) int64, a class or ``ignore_index``.

        Returns:
            Tensor: Scalar, weighted; 0 where no voxel counts.
        """
        counted = target != self.ignore_index
        # one mean over the frames of all processes
        share = share_of_targets(counted.sum())
        if not counted.any():
            return logits.sum() * 0
        loss = F.cross_entropy(
            full_precision(logits[counted]), target[counted], reduction='none'
        )
        focus = (1 - (-loss).exp()) ** self.gamma
        return self.loss_weight * share * (focus * loss).mean()
