"""What is told of trainings: time, hash, machine."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Optional

import torch

from ..analysis.train_logs import Run, find_logs, read_run, values_of
from ..utils.checkpoint_writing import file_digest
from ..utils.errors import InputError
from .seed_scores import markdown_table


def training_table(checkpoints: Mapping[str, Path]) -> str:
    """Format a table of trainings: seconds a step, minutes, hash.

    Args:
        checkpoints (Mapping[str, Path]): The last one of each training, by
            its name; in the folder of its log. Without a log, its time is
            not told.
    """
    rows = [_tell(name, checkpoint) for name, checkpoint in checkpoints.items()]
    return markdown_table(['training', 's a step', 'minutes', 'SHA-256'], rows)


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
    return [name, *times, file_digest(str(checkpoint))[:16]]


def _times(run: Run) -> tuple[str, str]:
    """Seconds a step and minutes in all."""
    seconds = list(values_of(run.train, 'time').values())
    minutes = statistics.fmean(seconds) * max(run.train) / 60
    return f'{statistics.median(seconds):.2f}', f'{minutes:.0f}'


def describe_machine() -> str:
    """Say on what this process runs, and with which torch."""
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(':')[1] for line in lines if 'model name' in line]
    processor = f'{len(names)} cores of{names[0]}' if names else 'a CPU'
    return f'{processor}, torch {torch.__version__}'
