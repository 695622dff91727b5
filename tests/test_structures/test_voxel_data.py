import numpy as np
import pytest
import torch

from cleaners.structures import SSCDataSample, VoxelData


def test_fields_share_one_grid():
    data = VoxelData(label=torch.zeros(4, 2, 6))
    data.logits = torch.zeros(12, 4, 2, 6)  # leading dimensions are free
    data.mask = np.zeros((4, 2, 6), dtype=bool)
    assert data.grid_size == (4, 2, 6)
    with pytest.raises(ValueError, match=r'other has the grid \(4, 6, 2\)'):
        data.other = torch.zeros(4, 6, 2)
    assert 'other' not in data


@pytest.mark.parametrize(
    'value, error, match',
    [
        (torch.zeros(8, 6), ValueError, 'three grid axes'),
        ([1, 2], TypeError, 'but got list'),
    ],
)
def test_other_values_are_refused(value, error, match):
    with pytest.raises(error, match=match):
        VoxelData(label=value)


def test_a_lone_field_may_be_replaced_by_another_grid():
    data = VoxelData(label=torch.zeros(4, 2, 6))
    data.label = torch.zeros(2, 2, 2)
    assert data.grid_size == (2, 2, 2)
    assert VoxelData().grid_size == (0, 0, 0)


def test_moving_keeps_the_type():
    data = VoxelData(label=torch.zeros(2, 2, 2)).to(torch.float64)
    assert isinstance(data, VoxelData) and data.label.dtype == torch.float64


def test_sample_takes_voxel_data_only():
    sample = SSCDataSample(metainfo=dict(sample_idx='NYU0003'))
    sample.gt_voxel_seg = VoxelData(label=torch.zeros(2, 2, 2))
    assert sample.gt_voxel_seg.grid_size == (2, 2, 2)
    assert sample.to_dict()['gt_voxel_seg']['label'].shape == (2, 2, 2)
    with pytest.raises(AssertionError):
        sample.pred_voxel_seg = torch.zeros(2, 2, 2)
    del sample.gt_voxel_seg
    assert 'gt_voxel_seg' not in sample
