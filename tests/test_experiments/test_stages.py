"""Stages: what runs when, what is waited for, what is left after a kill."""

import os
import signal
import subprocess
import sys
import time

import pytest

from cleaners.experiments.stages import Stage, _work, describe_stages, run_stages
from cleaners.utils.errors import InputError

# writes its result, or fails; every start leaves a line
SCRIPT = """
import sys, time
name, seconds, status = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
with open('starts.txt', 'a') as file:
    file.write(name + '\\n')
print('Epoch(train)  [1][ 5/90]  lr: 1e-3  eta: 1 day, 0:00:01  time: 1', flush=True)
time.sleep(seconds)
if status:
    sys.exit('it went wrong')
open(name + '.done', 'w').close()
"""


@pytest.fixture
def make_stage(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'work.py').write_text(SCRIPT)

    def make(name, needs=(), seconds=0.0, status=0):
        return Stage(
            name,
            ('work.py', name, str(seconds), str(status)),
            tmp_path / f'{name}.done',
            tmp_path / f'{name}.log',
            tuple(needs),
        )

    return make


def starts(tmp_path):
    return (tmp_path / 'starts.txt').read_text().split()


def test_what_another_process_has_finished_is_not_run(make_stage, tmp_path):
    """Between the look at its result and the lock."""
    stage = make_stage('a')
    stage.result.touch()
    _work(stage, 1)
    assert not (tmp_path / 'starts.txt').exists()


def test_needs_come_first_and_nothing_runs_twice(make_stage, tmp_path):
    stages = [make_stage('a'), make_stage('b', ['a']), make_stage('c', ['b'])]
    run_stages(stages, jobs=2)
    assert starts(tmp_path) == ['a', 'b', 'c']
    run_stages(stages, jobs=2)
    assert starts(tmp_path) == ['a', 'b', 'c']
    (tmp_path / 'b.done').unlink()
    run_stages(stages, jobs=2)
    assert starts(tmp_path) == ['a', 'b', 'c', 'b']


def test_a_failure_is_told_and_mended_by_the_same_command(make_stage, tmp_path, capsys):
    broken = make_stage('a', status=3)
    with pytest.raises(InputError, match='a failed; its output is in .*a.log'):
        run_stages([broken, make_stage('b', ['a'])], jobs=1)
    assert 'it went wrong' in capsys.readouterr().err
    assert starts(tmp_path) == ['a']
    run_stages([make_stage('a'), make_stage('b', ['a'])], jobs=1)
    assert starts(tmp_path) == ['a', 'a', 'b']


def test_status_tells_done_running_cut_and_waiting(make_stage, tmp_path):
    stages = [
        make_stage('done'),
        make_stage('running', seconds=60),
        make_stage('cut', status=1),
        make_stage('waiting', ['running']),
    ]
    run_stages(stages[:1], jobs=1)
    with pytest.raises(InputError):
        run_stages(stages[2:3], jobs=1)
    process = subprocess.Popen(
        [
            sys.executable,
            '-c',
            'from cleaners.experiments.stages import Stage, _work\n'
            'from pathlib import Path\n'
            f'_work(Stage("running", {stages[1].command}, '
            f'Path("{stages[1].result}"), Path("{stages[1].log}")), 1)',
        ]
    )
    try:
        deadline = time.monotonic() + 60
        while not (stages[1].log.exists() and stages[1].log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        told = describe_stages(stages).splitlines()
        assert [line.split()[:2] for line in told] == [
            ['done', 'done'],
            ['running', 'running'],
            ['cut', 'cut'],
            ['waiting', 'waiting'],
        ]
        assert told[1].endswith('Epoch(train) [1][ 5/90] eta: 1 day, 0:00:01')
    finally:
        process.kill()
        process.wait()
    assert not stages[1].is_running  # its lock is gone with it


@pytest.mark.long
def test_a_stage_that_outlives_the_experiment_is_waited_for(make_stage, tmp_path):
    """Killed without a word, the experiment leaves its commands behind."""
    stage = make_stage('a', seconds=3)
    script = (
        'from cleaners.experiments.stages import Stage, run_stages\n'
        'from pathlib import Path\n'
        "if __name__ == '__main__':\n"
        f'    run_stages([Stage("a", {stage.command}, Path("{stage.result}"), '
        f'Path("{stage.log}"))], 1)\n'
    )
    (tmp_path / 'run.py').write_text(script)
    process = subprocess.Popen([sys.executable, 'run.py'])
    deadline = time.monotonic() + 60
    while not (tmp_path / 'starts.txt').exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not stage.is_done and stage.is_running
    run_stages([stage], jobs=1)
    assert stage.is_done and starts(tmp_path) == ['a']
