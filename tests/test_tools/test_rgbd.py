"""Own frames, from files to predictions."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.datasets import nyu

K = '518.8579,518.8579,320,240'


@pytest.fixture(scope='module')
def recording(room, tmp_path_factory):
    """Two folders with two frames each; depth at half the resolution."""
    root = tmp_path_factory.mktemp('recording')
    for folder in ('color', 'depth'):
        (root / folder).mkdir()
    for name in ('kitchen-1', 'kitchen-2'):
        cv2.imwrite(str(root / f'color/{name}.color.jpg'), room.rgb[..., ::-1])
        # half the resolution, tenths of a millimetre
        depth = room.depth_mm[::2, ::2].astype(np.uint32) * 10
        cv2.imwrite(
            str(root / f'depth/{name}.depth.png'),
            np.where(depth < 65536, depth, 0).astype(np.uint16))
    (root / 'k.txt').write_text('518.8579 0 320\n0 518.8579 240\n0 0 1\n')
    np.savetxt(root / 'pose.txt', room.view.cam2world)
    return root


@pytest.fixture(scope='module')
def prepared(create_data, recording, tmp_path_factory):
    """The prepared data set."""
    out = tmp_path_factory.mktemp('prepared') / 'Mine'
    result = create_data('rgbd', '--rgb', recording / 'color', '--depth',
                         recording / 'depth', '--intrinsics',
                         recording / 'k.txt', '--depth-scale', 10000,
                         '--out-dir', out)
    assert result.returncode == 0, result.stderr
    assert 'rgbd_infos_test.json' in result.stdout
    return out


def infos(out):
    return json.loads((out / 'rgbd_infos_test.json').read_text())['data_list']


def test_estimated_pose(prepared, room, create_data):
    frames = infos(prepared)
    assert [f['sample_idx'] for f in frames] == ['kitchen-1', 'kitchen-2']
    found = np.array(frames[0]['cam2world'])
    truth = room.view.cam2world
    assert np.rad2deg(np.arccos(found[2, :3] @ truth[2, :3])) < 2
    assert abs(found[2, 3] - truth[2, 3]) < .1
    assert frames[0]['label_path'] is None
    assert create_data('verify', prepared).returncode == 0


def test_given_pose_gives_the_room(create_data, recording, room, tmp_path):
    out = tmp_path / 'Mine'
    result = create_data('rgbd', '--rgb',
                         recording / 'color/kitchen-1.color.jpg', '--depth',
                         recording / 'depth/kitchen-1.depth.png',
                         '--intrinsics', K, '--pose', recording / 'pose.txt',
                         '--depth-scale', 10000, '--out-dir', out)
    assert result.returncode == 0, result.stderr
    info = infos(out)[0]
    np.testing.assert_allclose(
        info['cam2world'], room.view.cam2world, atol=1e-6)
    np.testing.assert_allclose(
        info['voxel_origin'], room.view.voxel_origin, atol=1e-6)
    assert info['cam2img'] == nyu.INTRINSICS.cam2img.tolist()


@pytest.mark.parametrize('change,message', [
    (dict(intrinsics='1,2,3'), 'no such file of intrinsics'),
    (dict(intrinsics='0,1,2,3'), 'intrinsics should be fx, fy, cx, cy'),
    (dict(pose='k.txt'), 'a pose should be 4 x 4 numbers, but got 9'),
    (dict(gravity=[0., 0., 0.]), 'gravity should be a direction'),
    (dict(camera_height=-1.), 'camera_height should be positive'),
    (dict(depth_scale=0.), '--depth-scale should be positive'),
    (dict(rgb='nowhere'), 'nowhere: no such file or folder'),
    (dict(depth='color'), '2 frames are in one of them only'),
    (dict(depth='k.txt'), 'give two files or two folders'),
])
def test_refusals(tools_path, capsys, recording, tmp_path, change, message):
    from cleaners.data_preparation.rgbd_ssc_converter import (RGBDOptions,
                                                              convert_rgbd)
    options = dict(dict(rgb='color', depth='depth', intrinsics=K), **change)
    if 'pose' in options:
        options['pose'] = str(recording / options['pose'])
    folders = [recording / options.pop(key) for key in ('rgb', 'depth')]
    try:
        assert not convert_rgbd(*folders, tmp_path / 'out',
                                RGBDOptions(**options))
    except (ValueError, FileNotFoundError) as error:
        assert message in str(error)
    else:
        assert message in capsys.readouterr().err


def test_predictions_without_ground_truth(run_tool, prepared, repo_root,
                                          tmp_path):
    config = repo_root / 'configs/cleaners_b0_baseline_synth.py'
    init_default_scope('mmdet3d')
    model = MODELS.build(Config.fromfile(config).model)
    torch.save(
        dict(state_dict=model.state_dict(), meta={}), tmp_path / 'c.pth')
    result = run_tool('test.py', config, tmp_path / 'c.pth', '--work-dir',
                      tmp_path / 'work', '--show-dir', tmp_path / 'vis',
                      '--cfg-options',
                      f'test_dataloader.dataset.data_root={prepared}',
                      'test_dataloader.dataset.ann_file=rgbd_infos_test.json',
                      'test_dataloader.dataset.indices=1',
                      'test_dataloader.num_workers=0',
                      'test_dataloader.persistent_workers=False')
    assert result.returncode == 0, result.stderr
    log = result.stdout + result.stderr
    assert '1 frames without ground truth: there is nothing to score' in log
    names = sorted(path.name for path in (tmp_path / 'vis').iterdir())
    assert names == ['kitchen-1.png', 'kitchen-1_pred.ply']


def test_browse(run_tool, prepared, tmp_path):
    result = run_tool('misc/browse_dataset.py', prepared, '--out-dir',
                      tmp_path, '--max-frames', 1)
    assert result.returncode == 0, result.stderr
    assert '1 of 2 frames drawn' in result.stdout
    picture = cv2.imread(str(tmp_path / 'kitchen-1.png'))
    assert picture.shape[1] == 3 * 640 + 4 * 20
    assert picture.std() > 30
