import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from .semantic_kd_loss import SemanticKDLoss


@MODELS.register_module()
class SemanticCenterKDLoss(SemanticKDLoss):
    """KD-SC: the student's class centres follow the teacher's (METHOD 3).

    Per frame, the centre of a class is its mean logit vector over the voxels
    that count; KL(softmax(teacher) || softmax(student)) is summed over the
    logits and averaged over the classes present.
    """

    def frame_loss(self, student: Tensor, teacher: Tensor, weights: Tensor) -> Tensor:
        """Return the mean divergence of the class centres of one frame."""
        return F.kl_div(
            F.log_softmax(weights @ student, dim=1),
            F.log_softmax(weights @ teacher, dim=1),
            reduction='batchmean',
            log_target=True,
        )
