"""From a photo, a depth image and a camera to a labelled room."""

import copy

import cv2
import numpy as np
import pytest
import torch

from cleaners.apis import SSCInferencer, inference_ssc
from cleaners.data_preparation.rgbd_frame import ViewOptions, make_rgbd_frame
from cleaners.datasets import nyu
from cleaners.fileio.depth_scale import DepthCode
from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.frame_volumes import sensor_volumes
from cleaners.geometry.voxel_grid import GridView
from cleaners.utils.checkpoint_writing import save_checkpoint
from cleaners.utils.errors import InputError

K = (518.8579, 518.8579, 320.0, 240.0)


@pytest.fixture(scope='module')
def infer(repo_root):
    torch.manual_seed(0)
    return SSCInferencer(repo_root / 'configs/cleaners_efflite0-d32_baseline_synth.py')


@pytest.mark.parametrize('profile', ['3dsketch', 'adassc'])
def test_it_is_what_preparation_and_prediction_give(infer, room, profile):
    infer = SSCInferencer(infer.model, profile=profile)
    sample = infer(room.rgb, room.depth_mm, K, pose=room.view.cam2world)
    if profile == 'adassc':
        volumes = sensor_volumes(room.depth_mm, room.view, nyu.BLOCK)
    else:
        # 6e-8 m beside the room's own, which float32 may tell
        view = GridView(
            room.view.cam2world,
            sample.voxel_origin,
            room.view.intrinsics,
            nyu.FINE_GRID,
        )
        volumes = sensor_volumes(room.depth_mm, view, nyu.BLOCK, 0.0, np.float32)
    wanted = inference_ssc(infer.model, room.rgb, volumes.tsdf, volumes.mapping)
    assert torch.equal(sample.pred_voxel_seg.logits, wanted.pred_voxel_seg.logits)
    np.testing.assert_array_equal(sample.photo, room.rgb)
    np.testing.assert_allclose(sample.depth, room.depth_mm / 1000.0)
    np.testing.assert_allclose(sample.voxel_origin, room.view.voxel_origin)
    assert (sample.voxel_size, sample.view_size) == (0.08, (480, 640))
    # what the room's own labels say of what the sensor saw to be free
    label = room.labels.reshape(60, 4, 36, 4, 60, 4)
    occupied = nyu.is_occupied(label).mean(axis=(1, 3, 5))
    free = sample.sensor_voxel.free.astype(bool)
    assert free.mean() > 0.02
    assert occupied[free].mean() < 0.02


def test_files_are_read(infer, room, tmp_path):
    cv2.imwrite(str(tmp_path / 'photo.png'), room.rgb[..., ::-1])
    np.save(tmp_path / 'depth.npy', room.depth_mm / np.float32(1000))
    np.savetxt(tmp_path / 'k.txt', nyu.INTRINSICS.cam2img)
    np.savetxt(tmp_path / 'pose.txt', room.view.cam2world)
    sample = infer(
        tmp_path / 'photo.png',
        str(tmp_path / 'depth.npy'),
        tmp_path / 'k.txt',
        pose=tmp_path / 'pose.txt',
    )
    wanted = infer(
        room.rgb, room.depth_mm, nyu.INTRINSICS.cam2img, pose=room.view.cam2world
    )
    assert torch.equal(sample.pred_voxel_seg.label, wanted.pred_voxel_seg.label)


def test_the_pose_is_estimated(infer, room):
    sample = infer(room.rgb[::2, ::2], room.depth_mm[::2, ::2], np.array(K) / 2)
    assert abs(sample.cam2world[2, 3] - room.view.cam2world[2, 3]) < 0.1
    up = sample.cam2world[2, :3] @ room.view.cam2world[2, :3]
    assert np.rad2deg(np.arccos(up)) < 2


@pytest.mark.parametrize(
    'change,message',
    [
        (dict(rgb='none.jpg'), 'none.jpg: no such photo'),
        (dict(rgb=np.zeros((480, 640))), r'rgb should be \(H, W, 3\) uint8'),
        (dict(depth=np.zeros((480, 640), np.uint16)), 'nothing was measured'),
        (dict(depth=np.ones((480, 600), np.float32)), 'another aspect ratio'),
        (dict(depth=np.ones((480, 640, 3))), r'depth should be \(h, w\) numbers'),
        (dict(depth_code=DepthCode(1.0)), 'with --depth-scale 1000'),
        (
            dict(intrinsics=(500.0, 500.0, 0.0, 0.0)),
            '^intrinsics: the principal point .* is far.*force',
        ),
        (dict(intrinsics=np.eye(4)), 'a 3 x 3 matrix, but got'),
        (dict(pose=np.zeros((4, 4))), 'a pose should be a rotation'),
    ],
)
def test_refusals(infer, room, change, message):
    given = dict(rgb=room.rgb, depth=room.depth_mm, intrinsics=K)
    with pytest.raises(InputError, match=message):
        infer(**dict(given, **change))


@pytest.mark.parametrize(
    'intrinsics',
    [
        (np.nan, *K[1:]),
        (*K[:3], np.nan),
        (0.0, *K[1:]),
        (K[0], -K[1], *K[2:]),
        np.diag([-K[0], K[1], 1.0]),
        np.full((3, 3), np.nan),
    ],
)
def test_what_is_no_camera_is_refused_by_force_too(infer, room, intrinsics):
    with pytest.raises(InputError, match='^intrinsics should be fx, fy') as error:
        infer(room.rgb, room.depth_mm, intrinsics, force=True)
    assert '\n' not in str(error.value)


class TestProfile:
    def test_that_of_the_training_data_is_used(self, infer, repo_root, tmp_path):
        config = repo_root / 'configs/cleaners_efflite0-d32_baseline_synth.py'
        path = str(tmp_path / 'trained.pth')
        for trained, used in (
            ('adassc', 'adassc'),
            ('3dsketch', '3dsketch'),
            ('unknown', '3dsketch'),
            (None, '3dsketch'),
        ):
            meta = dict(dataset_meta=dict(profile=trained)) if trained else {}
            save_checkpoint(dict(meta=meta, state_dict=infer.model.state_dict()), path)
            assert SSCInferencer(config, path).profile.name == used
        assert infer.profile.name == '3dsketch'

    def test_another_is_refused(self, infer):
        model = copy.copy(infer.model)
        model.dataset_meta = dict(profile='adassc')
        assert SSCInferencer(model, profile='adassc').profile.unknown == 1
        with pytest.raises(InputError, match="trained on .*'adassc', but .*'3dsketch'"):
            SSCInferencer(model, profile='3dsketch')
        with pytest.raises(InputError, match="unknown profile 'scannet'"):
            SSCInferencer(infer.model, profile='scannet')


def test_depth_alone(repo_root, room):
    torch.manual_seed(0)
    infer = SSCInferencer(repo_root / 'configs/cleaners_depth-d32.py')
    alone = infer(None, room.depth_mm, K, pose=room.view.cam2world)
    beside = infer(room.rgb, room.depth_mm, K, pose=room.view.cam2world)
    assert torch.equal(alone.pred_voxel_seg.logits, beside.pred_voxel_seg.logits)
    assert alone.photo is None
    # every measured point in the box is counted
    seen = alone.sensor_voxel.points
    assert 0 < seen.sum() <= (room.depth_mm > 0).sum()
    assert not seen[alone.sensor_voxel.free].any()


def test_what_is_known_of_the_camera_is_believed(infer, room):
    frame = room.rgb, room.depth_mm, K
    assert infer(*frame, camera_height=1.7).cam2world[2, 3] == pytest.approx(1.7)
    # Z of the world points up, gravity down
    down = -room.view.cam2world[2, :3]
    found = infer(*frame, gravity=down, camera_height=1.4).cam2world
    np.testing.assert_allclose(found[2], [*-down, 1.4], atol=1e-6)
    # a frame of 3:2 in one of 4:3: with bars, or cut
    wide = room.rgb[:427], room.depth_mm[:427], K
    assert infer(*wide).view_size == (427, 640)
    assert infer(*wide, fit='crop').view_size == (480, 640)


def test_a_network_that_sees_photos_refuses_to_do_without(infer, room):
    with pytest.raises(InputError, match='sees a photo, but none was given'):
        infer(None, room.depth_mm, K)
    frame = make_rgbd_frame(None, room.depth_mm / 1000.0, Intrinsics(*K), ViewOptions())
    with pytest.raises(InputError, match='cleaners_depth-d32, for one, sees'):
        infer.complete(frame)
