import torch.nn.functional as F
from mmdet3d.registry import MODELS
from torch import Tensor

from .semantic_kd_loss import SemanticKDLoss


@MODELS.register_module()
class SemanticAffinityKDLoss(SemanticKDLoss):
    """KD-SA: voxels relate to class centres as in the teacher (METHOD 3).

    Per frame, the affinity of a voxel to a class is the cosine similarity of
    its logits to the class centre of its own network; the squared difference
    of student and teacher is averaged over the voxels that count, empty ones
    included, x the classes present.

    Args:
        **kwargs: Of :obj:`SemanticKDLoss`.
    """

    def frame_loss(self, student: Tensor, teacher: Tensor, weights: Tensor) -> Tensor:
        """Return the mean squared difference of affinities of one frame."""
        return F.mse_loss(affinity(student, weights), affinity(teacher, weights))


def affinity(logits: Tensor, weights: Tensor) -> Tensor:
    """Return the cosine similarity of voxels to class centres.

    Args:
        logits (Tensor): (N, C).
        weights (Tensor): (K, N), whose rows average the voxels of a class.

    Returns:
        Tensor: (N, K) in [-1, 1].
    """
    centers = F.normalize(weights @ logits, dim=1)
    return F.normalize(logits, dim=1) @ centers.t()
