import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from .semantic_centers import membership, select_voxels


@MODELS.register_module()
class SemanticCenterKDLoss(nn.Module):
    """KD-SC: the student's class centres follow the teacher's (METHOD 3).

    Per frame, the centre of a class is its mean logit vector over the voxels
    that count; KL(softmax(teacher) || softmax(student)) is summed over the
    logits and averaged over the classes present (without empty), then over
    the batch. A frame without any object voxel contributes 0.

    Args:
        tau (float): Temperature. Defaults to 1.
        ignore_index (int): Label that does not count. Defaults to 255.
        loss_weight (float): Defaults to 0.25.
    """

    def __init__(self,
                 tau: float = 1.,
                 ignore_index: int = 255,
                 loss_weight: float = 0.25) -> None:
        super().__init__()
        self.tau = tau
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight

    def forward(self, student_logits: Tensor, teacher_logits: Tensor,
                label: Tensor, label_weight: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            student_logits (Tensor): (B, C, X, Y, Z).
            teacher_logits (Tensor): (B, C, X, Y, Z).
            label (Tensor): (B, X, Y, Z) int64.
            label_weight (Tensor): (B, X, Y, Z) bool.

        Returns:
            Tensor: Scalar, weighted.
        """
        total = student_logits.sum() * 0
        for student, teacher, classes in select_voxels(
                student_logits, teacher_logits, label, label_weight,
                self.ignore_index):
            weights = membership(classes, student.shape[1], student.dtype)
            if len(weights):
                total = total + self._divergence(weights @ student,
                                                 weights @ teacher)
        return self.loss_weight * total / len(label)

    def _divergence(self, student: Tensor, teacher: Tensor) -> Tensor:
        """Return the mean divergence of (K, C) centres."""
        return F.kl_div(
            F.log_softmax(student / self.tau, dim=1),
            F.log_softmax(teacher / self.tau, dim=1),
            reduction='batchmean',
            log_target=True)
