"""Own frames, from files to predictions."""

import json
import re
import shlex

import cv2
import numpy as np
import pytest
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from own_frame_cases import INTRINSICS as K
from own_frame_cases import infos

import cleaners.register_modules  # noqa: F401
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.data_preparation.rgbd_ssc_converter import convert_rgbd
from cleaners.datasets import nyu
from cleaners.geometry.camera import pixel_rays


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
            np.where(depth < 65536, depth, 0).astype(np.uint16),
        )
    (root / 'k.txt').write_text('518.8579 0 320\n0 518.8579 240\n0 0 1\n')
    np.savetxt(root / 'pose.txt', room.view.cam2world)
    return root


@pytest.fixture(scope='module')
def prepared(create_data, recording, room, tmp_path_factory):
    """The prepared data set."""
    out = tmp_path_factory.mktemp('prepared') / 'My room'
    result = create_data(
        'rgbd',
        '--rgb',
        recording / 'color',
        '--depth',
        recording / 'depth',
        '--intrinsics',
        # longer than the name of a file may be
        ','.join(f'{number:.60f}' for number in (518.8579, 518.8579, 320, 240)),
        '--depth-scale',
        10000,
        '--out-dir',
        out,
    )
    assert result.returncode == 0, result.stderr
    hint = result.stdout.split('predict with: ')[1].splitlines()[0]
    assert shlex.split(hint)[-4:] == [
        '--data-root',
        str(out),
        '--cfg-options',
        'test_dataloader.dataset.ann_file=rgbd_infos_test.json',
    ]
    lines = re.findall(
        r'^(kitchen-\d): camera height (.*) m, tilt (.*) degrees, floor '
        r'(.*)% of what is seen$',
        result.stdout,
        re.MULTILINE,
    )
    assert [line[0] for line in lines] == ['kitchen-1', 'kitchen-2']
    view = room.view.cam2world
    height, tilt, floor = map(float, lines[0][1:])
    assert abs(height - view[2, 3]) < 0.1
    assert abs(tilt - np.rad2deg(np.arccos(-view[2, 1]))) < 2
    assert 5 < floor < 60
    return out


def test_estimated_pose(prepared, room, create_data):
    frames = infos(prepared)
    assert [f['sample_idx'] for f in frames] == ['kitchen-1', 'kitchen-2']
    found = np.array(frames[0]['cam2world'])
    truth = room.view.cam2world
    assert np.rad2deg(np.arccos(found[2, :3] @ truth[2, :3])) < 2
    assert abs(found[2, 3] - truth[2, 3]) < 0.1
    assert frames[0]['label_path'] is None
    assert create_data('verify', prepared).returncode == 0


def test_given_pose_gives_the_room(create_data, recording, room, tmp_path):
    out = tmp_path / 'Mine'
    result = create_data(
        'rgbd',
        '--rgb',
        recording / 'color/kitchen-1.color.jpg',
        '--depth',
        recording / 'depth/kitchen-1.depth.png',
        '--intrinsics',
        K,
        '--pose',
        recording / 'pose.txt',
        '--depth-scale',
        10000,
        '--out-dir',
        out,
    )
    assert result.returncode == 0, result.stderr
    info = infos(out)[0]
    np.testing.assert_allclose(info['cam2world'], room.view.cam2world, atol=1e-6)
    np.testing.assert_allclose(info['voxel_origin'], room.view.voxel_origin, atol=1e-6)
    assert info['cam2img'] == nyu.INTRINSICS.cam2img.tolist()


@pytest.mark.parametrize(
    'change,message',
    [
        (dict(intrinsics='k.json'), 'k.json: no such file of intrinsics'),
        (dict(intrinsics='1,2,3'), 'intrinsics should be fx, fy, cx, cy'),
        (dict(intrinsics='0,1,2,3'), 'intrinsics should be fx, fy, cx, cy'),
        (
            dict(intrinsics='259.4,259.4,160,120'),
            'middle of a photo of 480 x 640 '
            'pixels; K seems to be for about 240 x 320; scale it',
        ),
        (dict(depth_scale=0.001), '; with --depth-scale 10000, 100 % would'),
        (dict(pose='k.txt'), 'a pose should be 4 x 4 numbers, but got 9'),
        (dict(gravity=[0.0, 0.0, 0.0]), 'gravity should be a direction'),
        (dict(camera_height=-1.0), 'camera_height should be positive'),
        (dict(depth_scale=0.0), '--depth-scale should be positive'),
        (dict(rgb='nowhere'), 'nowhere: no such file or folder'),
        (dict(depth='color'), '2 frames are in one of them only'),
        (dict(depth='k.txt'), 'give two files or two folders'),
    ],
)
def test_refusals(capsys, recording, tmp_path, change, message):
    options = dict(
        dict(rgb='color', depth='depth', intrinsics=K, depth_scale=10000.0), **change
    )
    if 'pose' in options:
        options['pose'] = str(recording / options['pose'])
    folders = [recording / options.pop(key) for key in ('rgb', 'depth')]
    try:
        assert not convert_rgbd(*folders, tmp_path / 'out', RGBDOptions(**options))
    except (ValueError, FileNotFoundError) as error:
        assert message in str(error)
    else:
        assert message in capsys.readouterr().err


def test_what_is_no_room_needs_force(capsys, recording, tmp_path):
    # a table, 0.6 m below a camera that looks down by 50 degrees
    down = np.array([0.0, np.cos(np.deg2rad(50)), np.sin(np.deg2rad(50))])
    depth = 0.6 / (pixel_rays(nyu.INTRINSICS, nyu.IMG_SIZE) @ down)
    depth_mm = np.rint(1000 * depth).astype(np.uint16)
    cv2.imwrite(str(tmp_path / 'table.png'), depth_mm.reshape(nyu.IMG_SIZE))
    frame = (
        recording / 'color/kitchen-1.color.jpg',
        tmp_path / 'table.png',
        tmp_path / 'out',
    )
    assert not convert_rgbd(*frame, RGBDOptions(K))
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if 'no room' in line] == [
        f'  kitchen-1: {tmp_path}/table.png: this is no room: 100% of what is '
        'measured is nearer than 1.5 m, and shows neither a wall nor the '
        'floor below a person; --force goes on all the same'
    ]
    assert infos(tmp_path / 'out') == []
    # into the same folder
    assert convert_rgbd(*frame, RGBDOptions(K, force=True))
    assert (
        'kitchen-1: camera height 0.60 m, tilt 50.0 degrees, floor 100.0% '
        'of what is seen\n'
    ) in capsys.readouterr().out
    assert infos(tmp_path / 'out')[0]['cam2world'][2][3] == pytest.approx(
        0.6, abs=0.001
    )


@pytest.mark.long
def test_predictions_without_ground_truth(run_tool, prepared, repo_root, tmp_path):
    config = repo_root / 'configs/cleaners_efflite0-d32_baseline_synth.py'
    narrow = {'model.channels': 8}
    init_default_scope('mmdet3d')
    cfg = Config.fromfile(config)
    cfg.merge_from_dict(narrow)
    model = MODELS.build(cfg.model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'c.pth')
    result = run_tool(
        'test.py',
        config,
        tmp_path / 'c.pth',
        '--work-dir',
        tmp_path / 'work',
        '--show-dir',
        tmp_path / 'vis',
        '--html',
        '--data-root',
        prepared,
        '--cfg-options',
        'test_dataloader.dataset.ann_file=rgbd_infos_test.json',
        'test_dataloader.dataset.indices=1',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False',
        *(f'{key}={value}' for key, value in narrow.items()),
    )
    assert result.returncode == 0, result.stderr
    log = result.stdout + result.stderr
    assert '1 frames without ground truth: no scores by protocol all' in log
    names = sorted(path.name for path in (tmp_path / 'vis').iterdir())
    page = 'kitchen-1.html'
    pages = ['index.html', page, 'scene_viewer.js']
    assert names == sorted(['kitchen-1.png', 'kitchen-1_pred.ply', *pages])
    shown = re.search(
        'id="scene-data">(.*?)</script>', (tmp_path / 'vis' / page).read_text()
    )
    scene = json.loads(shown[1])
    assert {'photo', 'depth', 'camera'} <= scene.keys()
    assert scene['volumes'].keys() == {
        'prediction',
        'confidence',
        'surface',
        'unseen',
    }


def test_browse(run_tool, prepared, tmp_path):
    result = run_tool(
        'misc/browse_dataset.py', prepared, '--out-dir', tmp_path, '--max-frames', 1
    )
    assert result.returncode == 0, result.stderr
    assert '1 of 2 frames drawn' in result.stdout
    picture = cv2.imread(str(tmp_path / 'kitchen-1.png'))
    assert picture.shape[1] == 3 * 640 + 4 * 20
    assert picture.std() > 30


@pytest.fixture
def hint(monkeypatch, capsys, recording, tmp_path):
    """Prepare one frame by the command; the line that says what comes next."""

    def run(*args, is_whole=True):
        frame = ['--rgb', recording / 'color/kitchen-1.color.jpg']
        given = ['--depth-scale', 10000, *args]
        with pytest.raises(SystemExit) as end:
            call_tool(
                monkeypatch,
                'create_data.py',
                *('rgbd', *frame, '--intrinsics', K, '--out-dir', tmp_path / 'own'),
                *('--depth', recording / 'depth/kitchen-1.depth.png', *given),
            )
        assert bool(end.value.code) != is_whole
        return capsys.readouterr().out.strip().splitlines()[-1]

    return run


def test_it_says_how_to_train(hint, recording, room, tmp_path):
    np.savetxt(tmp_path / 'pose.txt', room.view.cam2world)
    np.save(tmp_path / 'labels.npy', room.labels)
    given = ['--pose', tmp_path / 'pose.txt', '--labels', tmp_path / 'labels.npy']
    command = shlex.split(hint(*given, '--split', 'train').partition(': ')[2])
    assert command[:3] == ['python', 'tools/train.py', 'CONFIG']
    assert 'train_dataloader.dataset.ann_file=rgbd_infos_train.json' in command
    assert 'val_dataloader.dataset.ann_file=rgbd_infos_test.json' in command


def test_it_names_no_command_for_no_frames(hint):
    assert 'predict' not in hint('--depth-scale', 1, is_whole=False)
