"""What is told of trainings: time, hash, machine."""

import statistics
from collections.abc import Mapping
from pathlib import Path

import torch

from ..analysis.train_logs import read_run, values_of
from ..utils.checkpoint_writing import file_digest
from .seed_scores import markdown_table


def training_table(checkpoints: Mapping[str, Path]) -> str:
    """Format a table of trainings: seconds a step, minutes, hash.

    Args:
        checkpoints (Mapping[str, Path]): The last one of each training, by
            its name; in the folder of its log.
    """
    rows = [_tell(name, checkpoint) for name, checkpoint in checkpoints.items()]
    return markdown_table(['training', 's a step', 'minutes', 'SHA-256'], rows)


def _tell(name: str, checkpoint: Path) -> list[str]:
    run = read_run(str(checkpoint.parent), name)
    seconds = list(values_of(run.train, 'time').values())
    minutes = statistics.fmean(seconds) * max(run.train) / 60
    digest = file_digest(str(checkpoint))
    return [name, f'{statistics.median(seconds):.2f}', f'{minutes:.0f}', digest[:16]]


def describe_machine() -> str:
    """Say on what this process runs, and with which torch."""
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(':')[1] for line in lines if 'model name' in line]
    processor = f'{len(names)} cores of{names[0]}' if names else 'a CPU'
    return f'{processor}, one thread each, torch {torch.__version__}'
