import torch.nn as nn
from mmdet3d.registry import MODELS
from torch import Tensor

from ...utils.precision import full_precision


@MODELS.register_module()
class SurfaceKDLoss(nn.Module):
    """KD-T: the student's surface features follow the teacher's (METHOD 3).

    Mean squared error over all elements, voxels outside the room included.

    Args:
        loss_weight (float): Defaults to 0.25.
    """

    def __init__(self, loss_weight: float = 0.25) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, student_feat: Tensor, teacher_feat: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            student_feat (Tensor): T of the student, (B, D, X, Y, Z).
            teacher_feat (Tensor): T of the teacher, the same shape.

        Returns:
            Tensor: Scalar, weighted.

        Raises:
            ValueError: If the shapes differ.
        """
        if student_feat.shape != teacher_feat.shape:
            raise ValueError(
                'KD-T needs surface features of one shape, but the student '
                f'has {tuple(student_feat.shape)} and the teacher '
                f'{tuple(teacher_feat.shape)}')
        # unlike F.mse_loss this keeps one volume for backward, not two
        difference = full_precision(student_feat - teacher_feat)
        return self.loss_weight * difference.square().mean()
