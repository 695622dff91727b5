"""The error analysis: its numbers, its files, and its one-line errors."""

import json
import math
import os
import subprocess
import sys
import uuid

import cv2
import mmengine
import numpy as np
import pytest
import torch
from in_process import call_tool
from mmengine.config import Config

from cleaners.apis.inference import build_network
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset

TOOL = 'analysis_tools/ssc_error_analysis.py'
# the camera is turned, and stands outside the box
CAM2IMG = [[30.0, 0, 32], [0, 30.0, 16], [0, 0, 1]]
CAM2WORLD = [
    [0.36, 0.48, -0.8, 0.3],
    [-0.8, 0.6, 0.0, -0.7],
    [0.48, 0.64, 0.6, 1.4],
    [0, 0, 0, 1],
]
ORIGIN = [-0.2, 0.4, 0.1]
FIGURES = ('confusion.png', 'error_by_distance.png', 'error_by_occlusion.png')


def change_infos(path, change):
    """Rewrite the frames of an annotation file."""
    content = json.loads(path.read_text())
    for info in content['data_list']:
        change(info)
    path.write_text(json.dumps(content))


def add_pose(info):
    """All frames but TNY0006 know their pose."""
    if info['sample_idx'] != 'TNY0006':
        info.update(cam2img=CAM2IMG, cam2world=CAM2WORLD, voxel_origin=ORIGIN)


@pytest.fixture(scope='module')
def workspace(tmp_path_factory):
    """Tiny data with poses, a config that also dumps, random weights."""
    root = tmp_path_factory.mktemp('errors')
    write_tiny_dataset(root / 'Tiny')
    change_infos(root / 'Tiny/tiny_infos_test.json', add_pose)
    dump = dict(type='DumpResults', out_file_path=str(root / 'all.pkl'))
    cfg = tiny_runner_cfg(
        root / 'Tiny',
        root / 'run',
        tiny_ssc_net(),
        test_evaluator=[dict(type='SSCMetric'), dump],
    )
    cfg.pop('experiment_name')
    Config(cfg).dump(str(root / 'tiny.py'))
    torch.manual_seed(0)
    network = build_network(tiny_ssc_net())
    torch.save(dict(state_dict=network.state_dict()), root / 'weights.pth')
    return root


@pytest.fixture
def run(workspace, monkeypatch):
    """Run the tool in this process (importing torch takes seconds)."""

    def run_tool(*args):
        monkeypatch.chdir(workspace)
        # two runs may start within one second, and would share their logs
        name = f'experiment_name=run_{uuid.uuid4().hex}'
        call_tool(monkeypatch, TOOL, *args, '--cfg-options', name)

    return run_tool


def count(samples):
    """Count the dumped frames voxel by voxel: all, by distance, by depth."""
    tables = {}
    for sample in samples:
        truth = {key: value.numpy() for key, value in sample['gt_voxel_seg'].items()}
        pred = sample['pred_voxel_seg']['label'].numpy()
        seen = np.argwhere(~truth['occluded'])
        for voxel in np.argwhere(truth['label_weight'] & (truth['label'] != 255)):
            at = tuple(voxel)
            bins = [('all', 0)]
            if sample['sample_idx'] != 'TNY0006':
                a, h, b = voxel + 0.5
                place = np.add(ORIGIN, 0.08 * np.array([a, b, h]))
                camera = np.array(CAM2WORLD)[:3, 3]
                bins.append(('distance', math.dist(place, camera) // 0.25 * 0.25))
            if truth['occluded'][at]:
                nearest = np.linalg.norm(seen - voxel, axis=1).min()
                bins.append(('depth', nearest // 1.5 * 1.5))
            for name in bins:
                table = tables.setdefault(name, np.zeros((12, 12), int))
                table[truth['label'][at], pred[at]] += 1
    return tables


def test_numbers_and_figures(run, workspace, capfd):
    run(
        'tiny.py',
        'weights.pth',
        '--out-dir',
        'out/one',
        '--distance-bin',
        '0.25',
        '--depth-bin',
        '1.5',
    )
    shown = capfd.readouterr().out
    folder = workspace / 'out/one'
    report = json.loads((folder / 'error_analysis.json').read_text())
    assert report['checkpoint'] == 'weights.pth'
    assert report['frames'] == dict(
        scored=3, without_ground_truth=0, without_pose=1, without_surface=0
    )
    wanted = count(mmengine.load(workspace / 'all.pkl'))
    assert report['overall']['confusion'] == wanted['all', 0].tolist()
    for name in ('distance', 'depth'):
        found = {row['from']: row['confusion'] for row in report[name]['bins']}
        assert len(found) > 2
        assert found == {
            start: table.tolist()
            for (key, start), table in wanted.items()
            if key == name
        }
    for figure in FIGURES:
        assert cv2.imread(str(folder / figure)).std() > 10
    assert 'Most frequent confusions' in shown
    assert '(frames without a pose, left out: 1)' in shown
    row = report['distance']['bins'][0]
    assert f'| {row["from"]:g} to {row["to"]:g}' in shown
    assert f'{row["accuracy"]:.1f}' in shown


def test_scores_equal_those_of_the_test(run, repo_root, workspace, monkeypatch):
    """SSC mIoU and SC IoU to the last digit."""
    run('tiny.py', 'weights.pth', '--out-dir', 'out/scores')
    report = json.loads((workspace / 'out/scores/error_analysis.json').read_text())
    (logged,) = (workspace / 'out/scores').glob('*/*.json')
    scores = json.loads(logged.read_text())
    assert report['scores']['ssc/mIoU'] == scores['ssc/mIoU'] > 0
    assert report['scores']['sc/iou'] == scores['sc/iou'] > 0


def test_frames_of_a_data_set_without_poses(run, workspace, capfd):
    infos = workspace / 'Tiny/tiny_infos_test.json'
    content = infos.read_text()
    change_infos(infos, lambda info: info.pop('cam2world', None))
    try:
        run('tiny.py', 'weights.pth', '--out-dir', 'out/unposed')
    finally:
        infos.write_text(content)
    assert '(frames without a pose, left out: 3)' in capfd.readouterr().out
    folder = workspace / 'out/unposed'
    report = json.loads((folder / 'error_analysis.json').read_text())
    assert report['distance']['bins'] == [] and report['depth']['bins']
    assert all((folder / figure).exists() for figure in FIGURES)


def test_frames_without_ground_truth(run, workspace):
    infos = workspace / 'Tiny/tiny_infos_test.json'
    content = infos.read_text()
    change_infos(infos, lambda info: info.update(label_path=None))
    config = Config.fromfile(workspace / 'tiny.py')
    config.test_dataloader.dataset.test_mode = True
    config.dump(str(workspace / 'unlabelled.py'))
    try:
        with pytest.raises(SystemExit) as stop:
            run('unlabelled.py', 'weights.pth', '--out-dir', 'out/unlabelled')
    finally:
        infos.write_text(content)
    assert stop.value.code == (
        'error: no test frame has a ground truth: there are no errors to explain'
    )
    assert not (workspace / 'out/unlabelled/error_analysis.json').exists()


def test_a_damaged_pose_is_named(run, workspace):
    infos = workspace / 'Tiny/tiny_infos_test.json'
    content = infos.read_text()
    change_infos(infos, lambda info: info.update(voxel_origin=[0, 1]))
    try:
        with pytest.raises(SystemExit) as stop:
            run('tiny.py', 'weights.pth', '--out-dir', 'out/pose')
    finally:
        infos.write_text(content)
    assert stop.value.code.startswith(
        'error: frame TNY0005: voxel_origin should be finite numbers of shape'
    )


def test_too_few_colours_are_noticed_before_the_test(run, workspace):
    config = Config.fromfile(workspace / 'tiny.py')
    config.test_dataloader.dataset.metainfo = dict(palette=[(1, 2, 3)])
    config.dump(str(workspace / 'pale.py'))
    with pytest.raises(SystemExit) as stop:
        run('pale.py', 'weights.pth', '--out-dir', 'out/pale')
    assert "'palette' of 12 colours, one for each class, but has 1" in str(
        stop.value.code
    )


@pytest.mark.parametrize(
    'args, message',
    [
        (['none.py', 'weights.pth'], "config 'none.py' not found"),
        (['tiny.py', 'none.pth'], "checkpoint 'none.pth' not found"),
        (['tiny.py', 'tiny.py'], "checkpoint 'tiny.py' is"),
    ],
)
def test_bad_input_gets_one_line(run, args, message):
    with pytest.raises(SystemExit) as stop:
        run(*args, '--out-dir', 'out/bad')
    assert stop.value.code.startswith(f'error: {message}')


def test_a_file_is_no_out_dir(run):
    with pytest.raises(SystemExit) as stop:
        run('tiny.py', 'weights.pth', '--out-dir', 'pale.py')
    assert stop.value.code.startswith('error: ')
    assert 'pale.py' in stop.value.code


@pytest.mark.parametrize('width', ['0', '-1', 'inf', 'nan', 'wide'])
def test_bad_widths_are_refused(run, capfd, width):
    with pytest.raises(SystemExit) as stop:
        run('tiny.py', 'weights.pth', '--out-dir', 'out/bad', f'--distance-bin={width}')
    assert stop.value.code == 2
    assert 'argument --distance-bin' in capfd.readouterr().err


def test_the_ignored_label_is_the_data_sets(run, workspace):
    config = Config.fromfile(workspace / 'tiny.py')
    config.model.ignore_index = 3
    config.test_dataloader.dataset.metainfo = dict(ignore_index=3)
    for name in (f'{number:04d}.npz' for number in (5, 6, 7)):
        label = workspace / 'Tiny/Label' / name
        values = np.load(label)['arr_0']
        (workspace / 'Tiny/Label3').mkdir(exist_ok=True)
        np.savez(workspace / 'Tiny/Label3' / name, np.where(values == 255, 3, values))
    config.test_dataloader.dataset.data_prefix.label_path = 'Label3'
    config.dump(str(workspace / 'three.py'))
    run('three.py', 'weights.pth', '--out-dir', 'out/three')
    report = json.loads((workspace / 'out/three/error_analysis.json').read_text())
    assert not any(report['overall']['confusion'][3])
    assert report['overall']['voxels'] > 1000


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one(run, repo_root, workspace):
    """Three frames: the sampler pads one, which must not count."""
    run('tiny.py', 'weights.pth', '--out-dir', 'out/alone')
    result = subprocess.run(
        [
            sys.executable,
            '-m',
            'torch.distributed.run',
            '--standalone',
            '--nproc_per_node=2',
            repo_root / 'tools' / TOOL,
            'tiny.py',
            'weights.pth',
            '--out-dir',
            'out/pair',
            '--launcher',
            'pytorch',
        ],
        cwd=workspace,
        env=dict(os.environ, OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    one, two = (
        json.loads((workspace / f'out/{name}/error_analysis.json').read_text())
        for name in ('alone', 'pair')
    )
    assert one == two and one['overall']['voxels'] > 0
