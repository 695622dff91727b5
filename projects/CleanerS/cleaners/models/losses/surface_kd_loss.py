from typing import Optional

import torch.nn as nn
from mmdet3d.registry import MODELS
from torch import Tensor

from ...utils.errors import InputError
from ...utils.precision import full_precision
from ..layers.folded_sequential import to_fast_layout


@MODELS.register_module()
class SurfaceKDLoss(nn.Module):
    """KD-T: the student's surface features follow the teacher's (METHOD 3).

    Mean squared error over all elements, voxels outside the room included.
    Where teacher and student have other widths, a 1x1x1 convolution, trained
    with the student and needed in training only, takes the student's T to
    the teacher's channels first (as in FitNets, ICLR 2015).

    Args:
        loss_weight (float): Defaults to 0.25.
        student_channels (int, optional): D of the student, where it is not
            the teacher's. Defaults to None: no convolution.
        teacher_channels (int, optional): D of the teacher; given if and only
            if ``student_channels`` is.
    """

    def __init__(
        self,
        loss_weight: float = 0.25,
        student_channels: Optional[int] = None,
        teacher_channels: Optional[int] = None,
    ) -> None:
        super().__init__()
        if (student_channels is None) != (teacher_channels is None):
            raise InputError(
                'student_channels and teacher_channels should '
                f'be given together, but got {student_channels} '
                f'and {teacher_channels}'
            )
        self.loss_weight = loss_weight
        self.adapter = None
        if student_channels is not None and teacher_channels is not None:
            self.adapter = nn.Conv3d(student_channels, teacher_channels, 1)

    def forward(self, student_feat: Tensor, teacher_feat: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            student_feat (Tensor): T of the student, (B, D, X, Y, Z).
            teacher_feat (Tensor): T of the teacher, the same shape, but for
                the channels where there is an adapter.

        Returns:
            Tensor: Scalar, weighted.

        Raises:
            InputError: If the shapes differ.
        """
        if self.adapter is not None:
            student_feat = self.adapter(to_fast_layout(student_feat))
        if student_feat.shape != teacher_feat.shape:
            raise InputError(
                'KD-T needs surface features of one shape, but the student '
                f'has {tuple(student_feat.shape)} and the teacher '
                f'{tuple(teacher_feat.shape)}; where the channels differ, set '
                'kd_surface.student_channels and teacher_channels'
            )
        # unlike F.mse_loss this keeps one volume for backward, not two
        difference = full_precision(student_feat - teacher_feat)
        # nor mean(): its gradient comes in torch's layout, and every pass from
        # there on meets two layouts
        return self.loss_weight * difference.square().sum() / difference.numel()
