"""Shards, interruption, merging and checking of a data set."""

import json
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from folder_state import contents

NUM_TRAIN, NUM_VAL = 2, 1
ARGS = ('synth', '--num-train', NUM_TRAIN, '--num-val', NUM_VAL, '--seed', 1)


@pytest.fixture(scope='module')
def whole(create_data, tmp_path_factory):
    """The data set, made in one go."""
    out = tmp_path_factory.mktemp('whole') / 'Rooms'
    result = create_data(*ARGS, '--out-dir', out)
    assert result.returncode == 0, result.stderr
    return out


@pytest.mark.long
def test_shards_in_parallel_give_the_same_bytes(
    create_data, repo_root, whole, tmp_path
):
    out = tmp_path / 'Rooms'
    command = [sys.executable, str(repo_root / 'tools/create_data.py')]
    command += [*map(str, ARGS), '--out-dir', str(out), '--shard']
    shards = [
        subprocess.Popen([*command, f'{i}/3'], stderr=subprocess.DEVNULL)
        for i in (1, 2)
    ]
    assert [shard.wait() for shard in shards] == [0, 0]
    result = create_data('merge', out)
    assert result.returncode == 1
    assert 'shards are missing: synth_3-of-3.json' in result.stderr
    result = create_data('verify', out)
    assert 'merge its shards' in result.stderr

    assert subprocess.call([*command, '3/3'], stderr=subprocess.DEVNULL) == 0
    assert create_data('merge', out).returncode == 0
    assert contents(tmp_path, ('Shards',)) == contents(whole.parent)
    parts = [
        json.loads((out / 'Shards' / f'synth_{i}-of-3.json').read_text())
        for i in (1, 2, 3)
    ]
    samples = [
        sample
        for part in parts
        for split in part['splits'].values()
        for sample in split['samples']
    ]
    assert sorted(samples) == ['SYN0001', 'SYN0002', 'SYN5001']


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGKILL])
@pytest.mark.long
def test_interrupted_runs_go_on(create_data, repo_root, whole, tmp_path, how):
    out = tmp_path / 'Rooms'
    command = [sys.executable, str(repo_root / 'tools/create_data.py')]
    command += [*map(str, ARGS), '--out-dir', str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    first = out / 'Frames/SYN0001.json'
    deadline = time.monotonic() + 60
    while not first.is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(how)
    log = process.communicate()[1]
    if how == signal.SIGINT:
        assert process.returncode == 130 and 'Traceback' not in log
    assert not (out / 'synth_infos_train.json').is_file()
    # what a kill in the middle of a file leaves behind
    rubbish = out / 'TSDF' / f'.SYN0002.npz.{_host()}.999999999.tmp'
    rubbish.write_bytes(b'half')
    stamp = (out / 'TSDF/SYN0001.npz').stat().st_mtime_ns
    assert create_data(*ARGS, '--out-dir', out).returncode == 0
    assert (out / 'TSDF/SYN0001.npz').stat().st_mtime_ns == stamp
    assert contents(tmp_path) == contents(whole.parent)


def _host():
    return re.sub(r'\W', '-', socket.gethostname())


class TestVerify:
    @pytest.mark.long
    def test_finds_every_fault(self, create_data, whole, tmp_path):
        out = tmp_path / 'Rooms'
        subprocess.check_call(['cp', '-r', str(whole.parent), f'{tmp_path}/a'])
        (tmp_path / 'a/Rooms').rename(out)
        (tmp_path / 'a/Rooms_clean').rename(tmp_path / 'Rooms_clean')
        result = create_data('verify', out)
        assert result.returncode == 0, result.stderr
        assert '3 frames, 18 files: no faults' in result.stdout

        (out / 'Label/SYN0001.npz').unlink()
        cut = tmp_path / 'Rooms_clean/TSDF/SYN0002.npz'
        cut.write_bytes(cut.read_bytes()[:-5])
        # whole files, each of another frame
        for path in ('Mapping', 'TSDF'):
            data = (out / path / 'SYN0001.npz').read_bytes()
            (out / path / 'SYN5001.npz').write_bytes(data)
        (out / '.x.json.elsewhere.1.tmp').touch()
        result = create_data('verify', out, '--workers', 2)
        assert result.returncode == 1 and 'Traceback' not in result.stderr
        for message in (
            'SYN0001.npz: missing',
            'SYN0002.npz: changed since it was made',
            "SYN0002.npz' is not a readable npz file",
            'Mapping/SYN5001.npz: is not the mapping of the depth image',
            'TSDF/SYN5001.npz: changed since it was made',
            '.x.json.elsewhere.1.tmp: left over from a run',
        ):
            assert message in result.stderr
        assert '3 frames, 18 files: ' in result.stdout

    def test_nothing_there(self, create_data, tmp_path):
        result = create_data('verify', tmp_path)
        assert result.returncode == 1
        assert 'expected one data set of tools/create_data' in result.stderr


@pytest.mark.parametrize('shard', ['0/2', '3/2', '1', 'a/b'])
def test_bad_shards(create_data, shard):
    result = create_data(*ARGS, '--shard', shard)
    assert result.returncode == 2
    assert 'should be I/N with I in 1..N' in result.stderr
