import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from .semantic_centers import membership, select_voxels


@MODELS.register_module()
class SemanticAffinityKDLoss(nn.Module):
    """KD-SA: voxels relate to class centres as in the teacher (METHOD 3).

    Per frame, the affinity of a voxel to a class is the cosine similarity of
    its logits to the class centre of its own network; the squared difference
    of student and teacher is averaged over voxels that count x classes
    present, then over the batch. A frame without any object voxel
    contributes 0.

    Args:
        ignore_index (int): Label that does not count. Defaults to 255.
        loss_weight (float): Defaults to 0.25.
    """

    def __init__(self,
                 ignore_index: int = 255,
                 loss_weight: float = 0.25) -> None:
        super().__init__()
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight

    def forward(self, student_logits: Tensor, teacher_logits: Tensor,
                label: Tensor, label_weight: Tensor) -> Tensor:
        """Compute the loss; arguments as :obj:`SemanticCenterKDLoss`.

        Returns:
            Tensor: Scalar, weighted.
        """
        total = student_logits.sum() * 0
        for student, teacher, classes in select_voxels(
                student_logits, teacher_logits, label, label_weight,
                self.ignore_index):
            weights = membership(classes, student.shape[1], student.dtype)
            if len(weights):
                total = total + F.mse_loss(
                    affinity(student, weights), affinity(teacher, weights))
        return self.loss_weight * total / len(label)


def affinity(logits: Tensor, weights: Tensor) -> Tensor:
    """Return the cosine similarity of voxels to class centres.

    Args:
        logits (Tensor): (N, C).
        weights (Tensor): (K, N), rows of :func:`membership`.

    Returns:
        Tensor: (N, K) in [-1, 1].
    """
    centers = F.normalize(weights @ logits, dim=1)
    return F.normalize(logits, dim=1) @ centers.t()
