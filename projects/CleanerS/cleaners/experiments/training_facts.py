"""What is told of trainings: time, hash, machine."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

import torch

from ..analysis.train_logs import Run, find_logs, read_run, values_of
from ..fileio.file_digest import file_digest
from ..utils.errors import InputError
from ..utils.markdown_table import markdown_table
from .experiment_record import tell_options


def tell_commands(script: str, settings: Any, notes: Optional[Path]) -> str:
    """Tell how to get an experiment and its page again.

    Args:
        script (str): Of ``tools/experiments``.
        settings (NamedTuple): Of the experiment.
        notes (Path, optional): File of the text that the page holds besides.
    """
    command = f'python tools/experiments/{script}'
    folder = '--work-dir work_dirs/experiment'
    noted = f' --notes {notes}' if notes else ''
    return (
        '## How to get it again\n\n```bash\n'
        f'{command} run {folder} --data-root data/NYU \\\n'
        f'    {tell_options(settings)}\n'
        f'{command} status {folder}\n'
        f'{command} page {folder} --out page.md{noted}\n```'
    )


def tell_trainings(checkpoints: Mapping[str, Path]) -> list[str]:
    """Tell of trainings: how to go on, a table of times and hashes.

    Args:
        checkpoints (Mapping[str, Path]): The last one of each training, by
            its name; in the folder of its log. Without a log, its time is
            not told.
    """
    rows = [_tell(name, checkpoint) for name, checkpoint in checkpoints.items()]
    return [
        'It may be cut at any moment; the same command goes on. This page was '
        f'written on {_describe_machine()}. Seconds a step: the median in the '
        'logs that were kept; minutes: that times the steps up to the last one logged. '
        'The hashes are those '
        'of the checkpoints of the training.',
        markdown_table(['training', 's a step', 'minutes', 'SHA-256'], rows),
    ]


def find_run(folder: Path, name: str) -> Optional[Run]:
    """Read the log of a training; None where its weights came without one."""
    try:
        find_logs(str(folder))
    except InputError:
        return None
    return read_run(str(folder), name)


def _tell(name: str, checkpoint: Path) -> list[str]:
    run = find_run(checkpoint.parent, name)
    times = ('-', '-') if run is None else _times(run)
    return [name, *times, file_digest(checkpoint)]


def _times(run: Run) -> tuple[str, str]:
    """Seconds a step, and minutes at that pace."""
    # not their mean: a training that was paused has steps of minutes
    seconds = statistics.median(values_of(run.train, 'time').values())
    return f'{seconds:.2f}', f'{seconds * max(run.train) / 60:.0f}'


def _describe_machine() -> str:
    """Say on what this process runs, and with which torch."""
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(':')[1] for line in lines if 'model name' in line]
    processor = f'{len(names)} cores of{names[0]}' if names else 'a CPU'
    return f'{processor}, torch {torch.__version__}'
