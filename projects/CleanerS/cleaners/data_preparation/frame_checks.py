"""What the checks of all kinds of data sets share."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Callable

from tqdm import tqdm

from .output_files import leftovers
from .worker_processes import run_in_processes


def run_checks(check: Callable, frames: Sequence[tuple], workers: int) -> Iterator:
    """Check frames, with a progress bar.

    Args:
        check (Callable): Of one frame.
        frames (Sequence[tuple]): Its arguments, frame by frame.
        workers (int): Processes.

    Returns:
        Iterator: What the checks return, in order.
    """
    results = run_in_processes(check, frames, workers)
    return iter(tqdm(results, desc='verify', total=len(frames)))


def leftover_faults(folders: Iterable[Path]) -> list[str]:
    """Name what a run that was killed left in some folders."""
    return [
        f'{path}: left over from a run that was killed or still goes on'
        for path in leftovers(folders)
    ]


def print_faults(faults: Iterable[str]) -> None:
    """Print what is wrong, a line each."""
    for fault in faults:
        print(fault, file=sys.stderr)
