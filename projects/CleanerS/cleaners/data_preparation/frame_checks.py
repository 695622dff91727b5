"""What the checks of all kinds of data sets share."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Callable, Optional

import numpy as np
from tqdm import tqdm

from ..datasets import nyu
from ..fileio.npz_file import read_npz
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


def is_tsdf(volume: np.ndarray) -> bool:
    """Whether all values lie in -1..1; NaN does not."""
    return bool(np.abs(volume).max() <= 1)


def are_labels(volume: np.ndarray, num_classes: int) -> bool:
    """Whether all values are a class, or the label of what does not count."""
    is_class = (volume >= 0) & (volume < num_classes)
    return bool((is_class | (volume == nyu.IGNORE_INDEX)).all())


def twin_faults(
    path: Path, sensor: Path, weight: Optional[np.ndarray]
) -> Iterator[str]:
    """Name what is wrong with the clean TSDF of a frame.

    Args:
        path (Path): Its file.
        sensor (Path): That of the sensor's TSDF.
        weight (np.ndarray, optional): The weights in the latter, which both
            have; None where it is gone.
    """
    size = nyu.GRID.num_voxels
    if not is_tsdf(read_npz(path, 'arr_0', size)):
        yield f'{path}: values beyond -1..1'
    if weight is not None and not np.array_equal(read_npz(path, 'arr_1', size), weight):
        yield f'{path}: other weights than {sensor}'


def print_faults(faults: Iterable[str]) -> None:
    """Print what is wrong, a line each."""
    for fault in faults:
        print(fault, file=sys.stderr)
