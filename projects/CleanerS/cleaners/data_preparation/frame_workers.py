"""The frames of a split, converted by several processes or machines."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Callable, NamedTuple

import cv2
from tqdm import tqdm

from .dask_cluster import run_on_dask
from .output_files import WriteError
from .worker_processes import run_in_processes

# returns something or nothing: nobody reads it
Convert = Callable[[str], object]


@dataclass(frozen=True)
class Workers:
    """Who does the work of a run.

    Args:
        count (int): Processes on this machine; not read with a scheduler.
        scheduler (str): Address of a Dask scheduler, whose workers do it;
            '' for this machine.
    """

    count: int = 1
    scheduler: str = ''


class SplitResult(NamedTuple):
    """What became of a split.

    Attributes:
        samples (list[str]): All frames of this shard.
        broken (dict[str, str]): Reason of each frame that is left out.
    """

    samples: list[str]
    broken: dict[str, str]


def convert_split(
    split: str, samples: Sequence[str], convert: Convert, workers: Workers
) -> SplitResult:
    """Convert the frames of one split.

    Args:
        split (str): 'train' or 'test'.
        samples (Sequence[str]): ``sample_idx`` of each frame.
        convert (Callable): Writes the files of a frame.
        workers (Workers): Processes.

    Returns:
        SplitResult: With the frames that are broken.

    Raises:
        WriteError: If a file cannot be written.
    """
    broken = {}
    outcomes = _run(convert, samples, workers)
    for sample, reason in tqdm(zip(samples, outcomes), desc=split, total=len(samples)):
        if reason:
            broken[sample] = reason
    return SplitResult(list(samples), broken)


def report_broken(results: dict[str, SplitResult]) -> bool:
    """Say which frames are broken.

    Args:
        results (dict[str, SplitResult]): By split.

    Returns:
        bool: Whether none is.
    """
    for split, result in results.items():
        if result.broken:
            print(
                f'{len(result.broken)} of {len(result.samples)} frames of '
                f'{split} are broken and left out:',
                file=sys.stderr,
            )
            for sample, reason in result.broken.items():
                print(f'  {sample}: {reason}', file=sys.stderr)
    return not any(result.broken for result in results.values())


def _run(convert: Convert, samples: Sequence[str], workers: Workers) -> Iterator[str]:
    """Convert frames, in order."""
    if workers.scheduler:
        work = partial(_try_convert, convert)
        return run_on_dask(work, samples, workers.scheduler)
    conversions = [(convert, sample) for sample in samples]
    return run_in_processes(_try_convert, conversions, workers.count)


def _try_convert(convert: Convert, sample_idx: str) -> str:
    """Convert a frame; returns what is wrong with its data, or ''."""
    # one process for each worker is all that was asked for
    cv2.setNumThreads(1)
    try:
        convert(sample_idx)
    except WriteError:
        raise
    except (ValueError, OSError) as error:
        return str(error)
    return ''
