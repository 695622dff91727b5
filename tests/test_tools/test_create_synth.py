"""Rooms of SynthRooms by the command."""

import argparse
import json
import os
import runpy

import pytest
from folder_state import contents
from in_process import TOOLS
from joblib import Parallel, delayed


@pytest.mark.long
def test_same_bytes(create_data, tmp_path):
    outs = [tmp_path / name / 'SynthRooms' for name in 'ab']
    args = ('synth', '--num-train', 2, '--num-val', 1, '--seed', 5)
    assert create_data(*args, '--out-dir', outs[0]).returncode == 0
    # as if it was interrupted after the first room
    one_room = ('synth', '--num-train', 1, '--num-val', 0, '--seed', 5)
    assert create_data(*one_room, '--out-dir', outs[1]).returncode == 0
    result = create_data(*args, '--out-dir', outs[1], '--workers', 2)
    assert result.returncode == 0, result.stderr
    first, second = (contents(out.parent) for out in outs)
    assert first == second

    assert {
        'SynthRooms/trainset/RGB/SYN0002_rgb.png',
        'SynthRooms/testset/RGB/SYN5001_rgb.png',
        'SynthRooms_clean/TSDF/SYN5001.npz',
    } <= first.keys()
    infos = json.loads((outs[0] / 'synth_infos_test.json').read_text())
    assert [info['sample_idx'] for info in infos['data_list']] == ['SYN5001']

    other = create_data(
        'synth', '--num-train', 1, '--num-val', 0, '--seed', 6, '--out-dir', outs[0]
    )
    assert other.returncode == 1
    assert 'give another --out-dir' in other.stderr


@pytest.mark.parametrize(
    'args,message',
    [
        (('--num-train', 0, '--num-val', 0), 'number of rooms'),
        (('--num-train', 5001, '--num-val', 0), '5000 and 4999 for the split'),
        (('--num-train', 1, '--num-val', 0, '--seed', -1), 'seed should be'),
    ],
)
def test_refusals(create_data, tmp_path, args, message):
    result = create_data('synth', '--out-dir', tmp_path / 'out', *args)
    assert result.returncode == 1
    assert message in result.stderr


def test_a_killed_worker_is_told():
    """As the kernel does where memory runs out."""
    tool = runpy.run_path(str(TOOLS / 'create_data.py'))

    def run(args):
        Parallel(n_jobs=2)(delayed(os._exit)(1) for _ in range(2))

    with pytest.raises(SystemExit) as stop:
        tool['prepare'](argparse.Namespace(run=run))
    assert stop.value.code == (
        'error: a worker process was killed (out of memory?); finished '
        'frames are kept, run the same command again with fewer --workers'
    )
