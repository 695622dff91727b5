"""The ground truth of a batch."""

from typing import NamedTuple

import torch
from torch import Tensor

from ...structures.ssc_data_sample import SampleList


class VoxelTargets(NamedTuple):
    """Ground truth of a batch, stacked.

    Attributes:
        label (Tensor): (B, X, Y, Z) int64.
        label_weight (Tensor): (B, X, Y, Z) bool.
    """

    label: Tensor
    label_weight: Tensor


def stack_targets(batch_data_samples: SampleList) -> VoxelTargets:
    """Stack the ground truth of the samples of a batch."""
    targets = [sample.gt_voxel_seg for sample in batch_data_samples]
    return VoxelTargets(
        torch.stack([target.label for target in targets]),
        torch.stack([target.label_weight for target in targets]),
    )
