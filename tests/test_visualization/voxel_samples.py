"""Small rooms as data samples."""

import numpy as np
import torch

from cleaners.structures import SSCDataSample, VoxelData


def room(num_walls=1):
    """A 6 x 4 x 6 room: floor, ceiling, and walls of the third class."""
    label = np.zeros((6, 4, 6), dtype=np.uint8)
    label[:, 0], label[:, 3] = 2, 1
    label[:num_walls, 1:3] = 3
    return label


def sample(pred=None, gt=None, weight=None):
    data_sample = SSCDataSample()
    if pred is not None:
        data_sample.pred_voxel_seg = VoxelData(label=torch.from_numpy(pred))
    if gt is not None:
        data_sample.gt_voxel_seg = VoxelData(label=torch.from_numpy(gt).long())
    if weight is not None:
        data_sample.gt_voxel_seg.label_weight = torch.from_numpy(weight)
    return data_sample
