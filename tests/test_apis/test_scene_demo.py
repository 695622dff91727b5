"""The demo: from files of RGB-D frames to pages, meshes and maps."""

import re

import cv2
import numpy as np
import pytest
import torch
from in_process import call_tool
from plyfile import PlyData

from cleaners.apis import SSCInferencer, init_ssc_model
from cleaners.apis.scene_belief import scene_belief
from cleaners.apis.scene_demo import NetworkChoice, complete_files
from cleaners.apis.scene_knowledge import held_surface
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.geometry.fusion import fuse_scenes
from cleaners.synth.room_frame import make_room_frame
from cleaners.utils.checkpoint_writing import save_checkpoint
from cleaners.utils.errors import InputError

CONFIG = 'configs/cleaners_depth-d32_baseline.py'
K = '518.8579,518.8579,320,240'


@pytest.fixture(scope='module')
def frames(tmp_path_factory, repo_root):
    """Two frames with photo, depth and pose, and random weights."""
    root = tmp_path_factory.mktemp('frames')
    for name in ('rgb', 'depth', 'pose'):
        (root / name).mkdir()
    for index in range(2):
        room = make_room_frame(0, index)
        cv2.imwrite(str(root / f'rgb/f{index}.png'), room.rgb[..., ::-1])
        cv2.imwrite(str(root / f'depth/f{index}.png'), room.depth_mm)
        np.savetxt(root / f'pose/f{index}.txt', room.view.cam2world)
    torch.manual_seed(0)
    network = init_ssc_model(str(repo_root / CONFIG))
    save_checkpoint(network.state_dict(), root / 'random.pth')
    return root


@pytest.fixture
def demo(frames, repo_root, tmp_path, monkeypatch, capsys):
    """Run the demo; gives its status, what it says, and its folder."""

    def run(*args):
        given = '--intrinsics', K, '--out-dir', tmp_path
        model = '--model', repo_root / CONFIG, frames / 'random.pth'
        status = 0
        try:
            call_tool(monkeypatch, '../demo/ssc_demo.py', *args, *given, *model)
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        return status, printed.out + printed.err, tmp_path

    return run


def test_one_frame_with_pose(demo, frames, repo_root):
    pose = frames / 'pose/f0.txt'
    status, told, out = demo('-', frames / 'depth/f0.png', '--pose', pose)
    assert status == 0
    names = {'f0.html', 'f0.png', 'f0.ply', 'f0_points.ply', 'f0.npz'}
    assert {path.name for path in out.iterdir()} == names
    infer = SSCInferencer(str(repo_root / CONFIG), str(frames / 'random.pth'))
    sample = infer(None, frames / 'depth/f0.png', K, pose=pose)
    with np.load(out / 'f0.npz') as stored:
        label = stored['label']
        np.testing.assert_allclose(stored['origin'], sample.voxel_origin)
    free = np.asarray(sample.sensor_voxel.free, bool)
    outside = np.asarray(sample.sensor_voxel.outside, bool)
    assert (label[free] == 0).all() and (label[outside] == 255).all()
    rest = ~(free | outside)
    np.testing.assert_array_equal(label[rest], sample.pred_voxel_seg.scene[rest])
    points = PlyData.read(str(out / 'f0_points.ply'))['vertex']
    assert len(points) == np.isin(label, (0, 255), invert=True).sum()
    share = float(re.search(r'([\d.]+) % of the visible', told)[1])
    assert share == pytest.approx(held_surface(sample), abs=0.051)
    assert len((out / 'f0.html').read_bytes()) < 500_000


def test_folders_get_an_index_and_a_map(demo, frames, repo_root):
    status, told, out = demo(
        frames / 'rgb', frames / 'depth', '--poses', frames / 'pose'
    )
    assert status == 0
    index = (out / 'index.html').read_text()
    for name in ('f0', 'f1'):
        assert f'href="{name}.html"' in index and (out / f'{name}.png').exists()
        # pages of a folder share one copy of the program
        assert len((out / f'{name}.html').read_bytes()) < 300_000
    assert (out / 'scene_viewer.js').is_file()
    assert (out / 'map.html').is_file() and (out / 'map.ply').is_file()
    infer = SSCInferencer(str(repo_root / CONFIG), str(frames / 'random.pth'))
    beliefs = []
    for name in ('f0', 'f1'):
        pose = frames / f'pose/{name}.txt'
        sample = infer(
            frames / f'rgb/{name}.png', frames / f'depth/{name}.png', K, pose=pose
        )
        beliefs.append(scene_belief(sample, np.loadtxt(pose)))
    fused = fuse_scenes(beliefs)
    with np.load(out / 'map.npz') as stored:
        np.testing.assert_array_equal(
            stored['label'], np.where(fused.views > 0, fused.label, 255)
        )
        np.testing.assert_allclose(stored['origin'], fused.voxel_origin)


def test_a_pose_is_one_frames(frames, tmp_path):
    with pytest.raises(InputError, match='one pose for 2 frames; name a folder'):
        complete_files(
            str(frames / 'rgb'),
            frames / 'depth',
            RGBDOptions(None, str(frames / 'pose/f0.txt')),
            tmp_path,
            is_joined=True,
        )


def test_frames_without_poses_are_not_joined(frames, tmp_path):
    with pytest.raises(InputError, match='give --poses'):
        complete_files(
            str(frames / 'rgb'),
            frames / 'depth',
            RGBDOptions(None),
            tmp_path,
            is_joined=True,
        )


def test_points_of_one_frame_and_the_mesh_of_another(frames, tmp_path):
    for name in ('a', 'a_points'):
        content = (frames / 'depth/f0.png').read_bytes()
        (tmp_path / f'{name}.png').write_bytes(content)
    with pytest.raises(InputError, match=r"a_points.ply would be the points of 'a'"):
        complete_files('-', tmp_path, RGBDOptions(K), tmp_path / 'out')


def test_no_input_is_written_over(demo, frames, tmp_path):
    photo, depth = tmp_path / 'f0.jpg', tmp_path / 'f0.png'
    photo.write_bytes(b'not read')
    depth.write_bytes((frames / 'depth/f0.png').read_bytes())
    before = depth.read_bytes()
    status, _, _ = demo(photo, depth)
    assert status == (
        f"error: '{depth}' is an input, and would be written over: give another "
        '--out-dir'
    )
    assert depth.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ['f0.jpg', 'f0.png']


@pytest.mark.parametrize('name, is_joined', [('index', False), ('map', True)])
def test_a_frame_does_not_overwrite_the_page_of_all(
    frames, repo_root, tmp_path, name, is_joined
):
    for kind, suffix in (('depth', '.png'), ('pose', '.txt')):
        (tmp_path / kind).mkdir()
        for source, target in (('f0', 'a'), ('f1', name)):
            content = (frames / kind / f'{source}{suffix}').read_bytes()
            (tmp_path / kind / f'{target}{suffix}').write_bytes(content)
    options = RGBDOptions(K, pose=str(tmp_path / 'pose'))
    choice = NetworkChoice((str(repo_root / CONFIG), str(frames / 'random.pth')))
    with pytest.raises(InputError, match=f"frame '{name}': give its files another"):
        complete_files(
            '-',
            tmp_path / 'depth',
            options,
            tmp_path / 'out',
            choice,
            is_joined=is_joined,
        )
    assert not (tmp_path / 'out').exists()


def test_a_broken_frame_is_named_and_the_others_are_made(
    demo, frames, tmp_path_factory
):
    folder = tmp_path_factory.mktemp('broken')
    for path in (frames / 'depth').iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / 'f1.png').write_bytes(b'no picture')
    status, told, out = demo('-', folder)
    assert status == 'error: 1 of 2 frames are left out'
    assert 'f1 is left out: ' in told and 'f0 is left out' not in told
    assert (out / 'f0.html').exists() and not (out / 'f1.html').exists()


@pytest.mark.parametrize(
    'photo, depth, message',
    [
        ('-', 'nowhere.png', 'no such file or folder'),
        ('rgb/f0.png', 'depth', 'give two files or two folders'),
    ],
)
def test_refusals_in_one_line(demo, frames, photo, depth, message):
    photo = photo if photo == '-' else frames / photo
    status, _, out = demo(photo, frames / depth)
    assert message in status and '\n' not in status
    assert not list(out.iterdir())
