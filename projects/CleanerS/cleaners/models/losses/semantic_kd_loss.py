from abc import ABCMeta, abstractmethod

import torch
import torch.nn as nn
from torch import Tensor

from ...structures import EMPTY_CLASS
from ...utils.precision import full_precision


class SemanticKDLoss(nn.Module, metaclass=ABCMeta):
    """Base of KD-SC and KD-SA: a mean over the frames of a batch.

    A voxel counts if it has label weight and a known label; a class is
    present if a voxel that counts has it, and it is not empty. A frame
    without any class present contributes 0; the divisor stays the batch size.

    Args:
        ignore_index (int): Label that does not count. Defaults to 255.
        loss_weight (float): Defaults to 0.25.
    """

    def __init__(self, ignore_index: int = 255, loss_weight: float = 0.25) -> None:
        super().__init__()
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight

    # sizes that depend on values
    @torch.compiler.disable
    def forward(
        self,
        student_logits: Tensor,
        teacher_logits: Tensor,
        label: Tensor,
        label_weight: Tensor,
    ) -> Tensor:
        """Compute the loss.

        Args:
            student_logits (Tensor): (B, C, X, Y, Z).
            teacher_logits (Tensor): (B, C, X, Y, Z).
            label (Tensor): (B, X, Y, Z) int64.
            label_weight (Tensor): (B, X, Y, Z) bool.

        Returns:
            Tensor: Scalar, weighted.
        """
        with torch.autocast(student_logits.device.type, enabled=False):
            return self.loss_weight * self._mean_over_frames(
                full_precision(student_logits),
                full_precision(teacher_logits),
                label,
                label_weight & (label != self.ignore_index),
            )

    def _mean_over_frames(
        self,
        student_logits: Tensor,
        teacher_logits: Tensor,
        label: Tensor,
        counted: Tensor,
    ) -> Tensor:
        total = student_logits.sum() * 0
        for index, mask in enumerate(counted):
            weights = membership(
                label[index][mask], student_logits.shape[1], student_logits.dtype
            )
            if len(weights):
                total = total + self.frame_loss(
                    student_logits[index][:, mask].t(),
                    teacher_logits[index][:, mask].t(),
                    weights,
                )
        return total / len(label)

    @abstractmethod
    def frame_loss(self, student: Tensor, teacher: Tensor, weights: Tensor) -> Tensor:
        """Compute the loss of one frame.

        Args:
            student (Tensor): (N, C), logits of the N voxels that count.
            teacher (Tensor): (N, C).
            weights (Tensor): (K, N), of :func:`membership`.

        Returns:
            Tensor: Scalar.
        """


def membership(label: Tensor, num_classes: int, dtype: torch.dtype) -> Tensor:
    """Return how each class present averages its voxels.

    Args:
        label (Tensor): (N,) int64.
        num_classes (int): C.
        dtype (torch.dtype): Of the result.

    Returns:
        Tensor: (K, N), K classes present; each row sums to 1, so that
        ``membership @ logits`` are the K centres (K, C).
    """
    present = torch.bincount(label, minlength=num_classes) > 0
    present[EMPTY_CLASS] = False
    classes = present.nonzero()  # (K, 1)
    members = (label == classes).to(dtype)
    return members / members.sum(dim=1, keepdim=True)
