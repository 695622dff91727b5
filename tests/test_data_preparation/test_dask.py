"""Frames that the workers of a Dask cluster make."""

import os
import signal
import threading
import time
from functools import partial

import pytest
from in_process import call_tool

from cleaners.data_preparation.frame_workers import Workers, convert_split
from cleaners.utils.errors import InputError

distributed = pytest.importorskip(
    'distributed', reason='pip install -r requirements/dask.txt brings it'
)


def write_name(sample_idx, folder):
    """A frame: who made it. The first that comes kills its worker, once."""
    mark = folder / 'killed'
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        pass
    else:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    if sample_idx == 'S03':
        raise ValueError('it is broken')
    (folder / sample_idx).write_text(str(os.getpid()))


@pytest.fixture(scope='module')
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as made:
        yield made


def test_frames_of_a_killed_worker_are_made_by_the_other(cluster, tmp_path):
    samples = [f'S{i:02d}' for i in range(12)]
    result = convert_split(
        'train',
        samples,
        partial(write_name, folder=tmp_path),
        Workers(scheduler=cluster.scheduler_address),
    )
    assert result.broken == dict(S03='it is broken')
    made = {path.name: path.read_text() for path in tmp_path.glob('S*')}
    assert sorted(made) == [s for s in samples if s != 'S03']
    assert str(os.getpid()) not in made.values()


def kill_every_worker(sample_idx):
    """A frame that needs more memory than there is."""
    if sample_idx == 'S01':
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_frame_that_kills_every_worker_is_broken(cluster):
    result = convert_split(
        'train',
        ['S00', 'S01', 'S02'],
        kill_every_worker,
        Workers(scheduler=cluster.scheduler_address),
    )
    assert result.broken == dict(
        S01='every worker that tried it was killed (out of memory?)'
    )


def sleep_long(sample_idx):
    time.sleep(5)


def test_no_worker_left_is_told(monkeypatch):
    monkeypatch.setattr('cleaners.data_preparation.dask_cluster._PATIENCE_S', 0.5)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as made:
        gone = threading.Timer(1, partial(made.scale, 0))
        gone.start()
        with pytest.raises(InputError, match='the scheduler has no workers'):
            convert_split(
                'train',
                ['S00', 'S01'],
                sleep_long,
                Workers(scheduler=made.scheduler_address),
            )


def test_no_scheduler_is_told(monkeypatch):
    monkeypatch.setattr('cleaners.data_preparation.dask_cluster._TIMEOUT_S', 1)
    with pytest.raises(InputError, match='--dask tcp://127.0.0.1:1: no Dask'):
        convert_split('train', ['S00'], print, Workers(scheduler='tcp://127.0.0.1:1'))


@pytest.mark.long
def test_the_command_makes_rooms_on_a_cluster(cluster, monkeypatch, capsys, tmp_path):
    given = '--num-train', 2, '--num-val', 0, '--out-dir', tmp_path / 'Rooms'
    address = cluster.scheduler_address
    with pytest.raises(SystemExit) as end:
        call_tool(monkeypatch, 'create_data.py', 'synth', *given, '--dask', address)
    assert not end.value.code
    names = sorted(path.name for path in (tmp_path / 'Rooms/TSDF').iterdir())
    assert names == ['SYN0001.npz', 'SYN0002.npz']
