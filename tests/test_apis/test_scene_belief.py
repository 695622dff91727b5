"""Frames of one room, seen from two sides, in one map."""

import numpy as np
import pytest
import torch

from cleaners.apis.scene_belief import scene_belief
from cleaners.geometry.fusion import MAX_LOG_ODDS, fuse_scenes
from cleaners.geometry.pose import face_forward
from cleaners.structures import SSCDataSample, VoxelData

SHAPE = (6, 4, 8)


def look(yaw, position):
    """A level camera: x right, y down, z forward."""
    c, s = np.cos(yaw), np.sin(yaw)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, 0, -s], [s, 0, c], [0, -1, 0]])
    pose[:3, 3] = position
    return pose


def make_sample(cam2world, occupied, origin):
    """A frame that is sure of one voxel."""
    label = torch.zeros(SHAPE, dtype=torch.uint8)
    label[occupied] = 2
    logits = torch.full((3, *SHAPE), -5.0)
    logits.scatter_(0, label[None].long(), 5.0)
    free, outside = torch.zeros(2, *SHAPE, dtype=torch.bool)
    free[0, 0, 0], outside[5, 3, 7] = True, True
    sample = SSCDataSample(
        metainfo=dict(
            cam2world=face_forward(cam2world),
            voxel_origin=np.array(origin),
            voxel_size=0.1,
        )
    )
    sample.pred_voxel_seg = VoxelData(label=label, logits=logits)
    points = torch.zeros(SHAPE, dtype=torch.int)
    points[2, 1, 3] = 5
    sample.sensor_voxel = VoxelData(free=free, outside=outside, points=points)
    return sample


@pytest.mark.parametrize('quarters', [0, 1, 2, 3])
def test_a_voxel_lies_in_the_world_of_the_given_pose(quarters):
    yaw = quarters * np.pi / 2 + 0.2
    cam2world = look(yaw, (1.0, 2.0, 1.5))
    sample = make_sample(cam2world, (2, 1, 3), (0.3, -0.2, 0.0))
    fused = fuse_scenes([scene_belief(sample, cam2world)])
    found = np.argwhere(fused.label == 2)
    assert len(found) == 1
    middle = fused.voxel_origin + 0.1 * (found[0][[0, 2, 1]] + 0.5)
    # the same voxel by hand: its middle in the turned world, turned back
    turned = np.array([0.3, -0.2, 0.0]) + 0.1 * (np.array([2, 3, 1]) + 0.5)
    back = cam2world @ np.linalg.inv(face_forward(cam2world))
    np.testing.assert_allclose(middle, (back @ [*turned, 1])[:3], atol=0.05 + 1e-9)


def test_what_the_sensor_knows_goes_before_what_the_network_says():
    cam2world = look(0.0, (0.0, 0.0, 1.0))
    sample = make_sample(cam2world, (0, 0, 0), (0.0, 0.0, 0.0))
    belief = scene_belief(sample, cam2world)
    assert belief.log_odds[0, 0, 0] == -MAX_LOG_ODDS
    assert belief.log_odds[5, 3, 7] == 0
    assert belief.log_odds[1, 1, 1] < -MAX_LOG_ODDS
    assert np.argwhere(belief.measured).tolist() == [[2, 1, 3]]
