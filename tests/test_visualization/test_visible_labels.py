import numpy as np
import pytest
import torch
from voxel_samples import room, sample

from cleaners.structures import VoxelData
from cleaners.visualization.visible_labels import visible_labels


class TestVisibleLabels:
    def test_weight_counts_for_both(self):
        weight = np.ones((6, 4, 6), dtype=bool)
        weight[2] = False
        pred, gt = visible_labels(sample(room(2), room(1), weight))
        assert (pred[2] == 255).all() and (gt[2] == 255).all()
        np.testing.assert_array_equal(pred[weight], room(2)[weight])
        np.testing.assert_array_equal(gt[weight], room(1)[weight])

    def test_sample_is_not_changed(self):
        data_sample = sample(room(), room(), np.zeros((6, 4, 6), dtype=bool))
        visible_labels(data_sample)
        np.testing.assert_array_equal(data_sample.pred_voxel_seg.label.numpy(), room())
        np.testing.assert_array_equal(data_sample.gt_voxel_seg.label.numpy(), room())

    def test_without_ground_truth_or_weight(self):
        pred, gt = visible_labels(sample(room(2)))
        np.testing.assert_array_equal(pred, room(2))
        assert gt is None
        pred, gt = visible_labels(sample(gt=room(1)))
        assert pred is None
        np.testing.assert_array_equal(gt, room(1))

    @pytest.mark.parametrize('ignored', [255, 200])
    def test_the_prediction_ends_where_the_label_is_ignored(self, ignored):
        # with weight, as in the 3D-Sketch release: a floor outside the room
        truth = room(1)
        truth[5] = ignored
        pred, gt = visible_labels(
            sample(room(2), truth, np.ones((6, 4, 6), dtype=bool)), ignored
        )
        assert (pred[5] == 255).all() and (gt[5] == 255).all()
        np.testing.assert_array_equal(pred[:5], room(2)[:5])

    def test_a_scene_is_not_masked_by_the_ground_truth(self):
        truth, weight = room(1), np.ones((6, 4, 6), dtype=bool)
        truth[5], weight[2] = 255, False
        data_sample = sample(room(2), truth, weight)
        scene = room(2)
        scene[0] = 0
        data_sample.pred_voxel_seg.scene = torch.from_numpy(scene)
        data_sample.sensor_voxel = VoxelData(free=scene == 0)
        pred, gt = visible_labels(data_sample)
        np.testing.assert_array_equal(pred, np.where(scene == 0, 255, scene))
        assert (gt[5] == 255).all() and (gt[2] == 255).all()

    def test_what_the_sensor_saw(self):
        data_sample = sample(room(2), room(1))
        free, outside = np.zeros((2, 6, 4, 6), dtype=bool)
        free[0], outside[5] = True, True
        data_sample.sensor_voxel = VoxelData(free=free, outside=outside)
        pred, gt = visible_labels(data_sample)
        assert (pred[0] == 255).all() and (pred[5] == 255).all()
        np.testing.assert_array_equal(pred[1:5], room(2)[1:5])
        # the truth is shown as it is
        np.testing.assert_array_equal(gt, room(1))
