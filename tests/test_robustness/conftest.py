"""Commands that write something, on small data."""

import subprocess
import sys

import pytest
from mmengine.config import Config

from cleaners.apis.inference import build_network
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.utils.checkpoint_writing import encode_checkpoint


@pytest.fixture(scope='session')
def small(tmp_path_factory):
    """A folder with a tiny data set, a config and a checkpoint."""
    root = tmp_path_factory.mktemp('small')
    write_tiny_dataset(root / 'Tiny')
    visualizer = dict(type='SSCLocalVisualizer')
    cfg = tiny_runner_cfg(root / 'Tiny', None, tiny_ssc_net(), visualizer=visualizer)
    Config(cfg).dump(str(root / 'tiny.py'))
    weights = dict(state_dict=build_network(tiny_ssc_net()).state_dict())
    (root / 'tiny.pth').write_bytes(encode_checkpoint(weights))
    return root


@pytest.fixture(scope='session')
def commands(repo_root, small):
    """Commands by name; each writes below the folder that it is given."""
    room = repo_root / 'demo/room'

    def train(out):
        return ['train.py', small / 'tiny.py', '--work-dir', out, '--resume']

    def prepare(out):
        frames = ['--num-train', 3, '--num-val', 1]
        return ['create_data.py', 'synth', '--out-dir', out, *frames]

    def export(out):
        network = [small / 'tiny.py', small / 'tiny.pth']
        chosen = ['--format', 'torch', '--out', out / 'net.pt2']
        return ['deployment/export_model.py', *network, *chosen]

    def test(out):
        network = [small / 'tiny.py', small / 'tiny.pth']
        chosen = ['--work-dir', out / 'log', '--show-dir', out, '--html']
        return ['test.py', *network, *chosen]

    def complete(out):
        frame = [room / 'room.jpg', room / 'room_depth.png']
        chosen = ['--intrinsics', room / 'intrinsics.txt', '--out-dir', out]
        return ['../demo/ssc_demo.py', *frame, *chosen]

    return dict(
        train=train, prepare=prepare, export=export, test=test, complete=complete
    )


@pytest.fixture(scope='session')
def start(repo_root, commands):
    """Start a command in a process group of its own."""

    def start(name, out, before=()):
        script, *args = commands[name](out)
        return subprocess.Popen(
            [*before, sys.executable, repo_root / 'tools' / script, *map(str, args)],
            cwd=repo_root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start
