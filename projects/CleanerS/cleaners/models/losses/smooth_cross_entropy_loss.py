import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from ...utils.precision import full_precision


@MODELS.register_module()
class SmoothCrossEntropyLoss(nn.Module):
    """Cross-entropy with label smoothing, the L3D and L2D of METHOD 3.

    The mean runs over the targets that are not ignored. Without any it is 0
    with a zero gradient (torch alone gives NaN).

    Args:
        label_smoothing (float): Mass spread over all classes. Defaults to
            0.2.
        ignore_index (int): Target that does not count. Defaults to 255.
        loss_weight (float): Defaults to 1.
    """

    def __init__(self,
                 label_smoothing: float = 0.2,
                 ignore_index: int = 255,
                 loss_weight: float = 1.) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            logits (Tensor): (N, num_classes).
            target (Tensor): (N,) int64, a class or ``ignore_index``.

        Returns:
            Tensor: Scalar, weighted.
        """
        if not (target != self.ignore_index).any():
            return logits.sum() * 0
        return self.loss_weight * F.cross_entropy(
            full_precision(logits),
            target,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing)
