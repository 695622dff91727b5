"""What KD-SC and KD-SA share: the voxels that count and the class centres."""
from typing import Iterator, Tuple

import torch
from torch import Tensor

EMPTY_CLASS = 0


def select_voxels(
        student_logits: Tensor, teacher_logits: Tensor, label: Tensor,
        label_weight: Tensor,
        ignore_index: int) -> Iterator[Tuple[Tensor, Tensor, Tensor]]:
    """Yield, frame by frame, the voxels that count.

    Args:
        student_logits (Tensor): (B, C, X, Y, Z).
        teacher_logits (Tensor): (B, C, X, Y, Z).
        label (Tensor): (B, X, Y, Z) int64.
        label_weight (Tensor): (B, X, Y, Z) bool.
        ignore_index (int): Label that does not count.

    Yields:
        tuple[Tensor, Tensor, Tensor]: Logits of the student and the teacher,
        both (N, C), and the label (N,).
    """
    counts = label_weight & (label != ignore_index)
    for index, mask in enumerate(counts):
        yield (student_logits[index][:, mask].t(),
               teacher_logits[index][:, mask].t(), label[index][mask])


def membership(label: Tensor, num_classes: int, dtype: torch.dtype) -> Tensor:
    """Return how each class present averages its voxels.

    Class 0 (empty) has no centre.

    Args:
        label (Tensor): (N,) int64.
        num_classes (int): C.
        dtype (torch.dtype): Of the result.

    Returns:
        Tensor: (K, N), K classes present; each row sums to 1, so that
        ``membership @ logits`` (N, C) are the K centres.
    """
    present = torch.bincount(label, minlength=num_classes) > 0
    present[EMPTY_CLASS] = False
    classes = present.nonzero()  # (K, 1)
    members = (label == classes).to(dtype)
    return members / members.sum(dim=1, keepdim=True)
