"""Commands that need one another's results, several at a time.

A stage is done when its result is there. Whoever works on one holds a lock on
a file beside its log for as long as the process lives, so that a stage which
outlives the experiment that started it is waited for, not started twice.
"""

import fcntl
import multiprocessing
import os
import re
import runpy
import shlex
import sys
import time
from collections.abc import Iterable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, NamedTuple, Optional

from ..utils.errors import InputError

_POLL = 0.2  # seconds
_TAIL = 15  # lines shown of a stage that failed
# mmengine's lines: Epoch(train)  [3][ 50/397]  base_lr: ...  eta: 0:04:12  ...
_PROGRESS = re.compile(
    r'(Epoch\(\w+\)) *((?:\[[\d ]+\])?\[[\d /]+\]).*?(eta: (?:\d+ days?, )?[\d:]+)'
)
_BUSY = 75  # status of a command that another process works on
# commands start from a server that has imported what they need
_SERVER = multiprocessing.get_context('forkserver')
_SERVER.set_forkserver_preload(
    [
        'cleaners.register_modules',
        'mmdet3d.engine',
        'mmdet3d.evaluation',
        'mmdet3d.visualization',
        'mmseg.datasets',
    ]
)


class Stage(NamedTuple):
    """One command.

    Attributes:
        name (str): Such as 'depth/teacher'.
        command (tuple[str, ...]): Script and arguments, for Python.
        result (Path): There when the stage is done; written in one step.
        log (Path): Gets the output.
        needs (tuple[str, ...]): Names of the stages that come first.
    """

    name: str
    command: tuple
    result: Path
    log: Path
    needs: tuple = ()

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to do."""
        return self.result.exists()

    @property
    def is_running(self) -> bool:
        """Whether any process works on it."""
        lock = _take_lock(self)
        if lock is not None:
            lock.close()
        return lock is None


def run_stages(stages: Sequence[Stage], jobs: int) -> None:
    """Run all stages that are not done, in their order as far as needs allow.

    Ctrl-C ends the commands; run again, the stages go on.

    Args:
        stages (Sequence[Stage]): Those that a stage needs come before it.
        jobs (int): Commands at a time; each has its part of the cores.

    Raises:
        InputError: If a command fails, when those beside it have ended; the
            end of its log is printed.
    """
    threads = max((os.cpu_count() or 1) // jobs, 1)
    by_name = {stage.name: stage for stage in stages}
    running: dict[str, BaseProcess] = {}
    failed: list[Stage] = []
    try:
        while True:
            failed += _reap(running, by_name)
            waiting = [stage for stage in stages if not stage.is_done]
            ready = [] if failed else _ready(waiting, running, by_name)
            for stage in ready[: jobs - len(running)]:
                running[stage.name] = _start(stage, threads)
            if not running and (failed or not waiting):
                break
            time.sleep(_POLL)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.join()
    for stage in failed:
        print(_end_of_log(stage), file=sys.stderr)
    if failed:
        raise InputError(
            f'{failed[0].name} failed; its output is in '
            f'{failed[0].log}; the same command goes on from '
            'what is done'
        )


def _start(stage: Stage, threads: int) -> BaseProcess:
    process = _SERVER.Process(target=_work, args=(stage, threads))
    process.start()
    return process


def _work(stage: Stage, threads: int) -> None:
    """Run the command in this process.

    Args:
        stage (Stage): It is left alone where another process works on it.
        threads (int): It may use.
    """
    lock = _take_lock(stage)
    if lock is None:
        sys.exit(_BUSY)
    if stage.is_done:  # by another process, since it was looked at
        return
    print(f'{stage.name}: python {shlex.join(stage.command)}', flush=True)
    # loaders' workers inherit the lock
    with lock, open(stage.log, 'a', encoding='utf-8') as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())
        import torch

        torch.set_num_threads(threads)
        sys.argv = list(stage.command)
        runpy.run_path(stage.command[0], run_name='__main__')


def _take_lock(stage: Stage) -> Optional[IO]:
    """Take the lock of a stage; None where another process has it."""
    stage.log.parent.mkdir(parents=True, exist_ok=True)
    file = open(stage.log.with_suffix('.lock'), 'w', encoding='utf-8')
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _ready(
    waiting: Iterable[Stage], running: Iterable[str], by_name: dict[str, Stage]
) -> list[Stage]:
    """List the stages that could start."""
    return [
        stage
        for stage in waiting
        if stage.name not in running
        and all(by_name[need].is_done for need in stage.needs)
        and not stage.is_running  # an experiment that was killed left it
    ]


def _reap(running: dict[str, BaseProcess], by_name: dict[str, Stage]) -> list[Stage]:
    """Forget the commands that ended; return those that have no result."""
    failed = []
    for name, process in list(running.items()):
        if process.exitcode is None:
            continue
        del running[name]
        stage = by_name[name]
        if stage.is_done:
            print(f'{name}: done', flush=True)
        elif process.exitcode != _BUSY:
            failed.append(stage)
    return failed


def _end_of_log(stage: Stage) -> str:
    lines = stage.log.read_text(errors='replace').splitlines()
    return '\n'.join(lines[-_TAIL:])


def describe_stages(stages: Sequence[Stage]) -> str:
    """Say of every stage how far it is, one a line."""
    width = max(len(stage.name) for stage in stages)
    return '\n'.join(f'{stage.name:<{width}}  {_state(stage)}' for stage in stages)


def _state(stage: Stage) -> str:
    if stage.is_done:
        return 'done'
    last = _last_progress(stage.log)
    if stage.is_running:
        return f'running  {last}'.rstrip()
    return f'cut      {last}'.rstrip() if last else 'waiting'


def _last_progress(log: Path) -> str:
    """Epoch, step and time left, of the last line of a log that tells them."""
    if not log.exists():
        return ''
    found = _PROGRESS.findall(log.read_text(errors='replace'))
    return ' '.join(' '.join(found[-1]).split()) if found else ''
