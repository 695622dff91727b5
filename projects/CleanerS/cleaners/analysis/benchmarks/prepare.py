"""Task ``prepare``: frames of NYU, as ``tools/create_data.py`` makes them."""

import argparse
import contextlib
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from ...data_preparation.dataset_layout import make_layout
from ...data_preparation.frame_workers import Workers
from ...data_preparation.nyu_release import (
    NYUOptions,
    Sources,
    find_samples,
    find_sources,
)
from ...data_preparation.nyu_ssc_converter import convert_frame, convert_nyu
from ...data_preparation.split_converter import Share
from ...utils.errors import values_are_input
from .clock import StageClock, medians
from .memory import format_peak, peak_mb

STAGES = ('read', 'labels', 'sensor', 'cad_depth', 'cad_tsdf', 'write')


def measure(args: argparse.Namespace) -> dict:
    """Measure what the command line names.

    Raises:
        InputError: If there are no frames, or they are broken.
    """
    with values_are_input():
        result = measure_prepare(args.root_path, args.split, args.repeats, args.warmup)
        if args.workers > 1:
            result['workers'] = measure_workers(
                args.root_path, args.split, args.workers, 2 * args.repeats
            )
    return result


def measure_prepare(root_path: Path, split: str, repeats: int, warmup: int = 1) -> dict:
    """Measure one process.

    Args:
        root_path (Path): Of the SSCNet release.
        split (str): Whose first frame is prepared.
        repeats (int): How often.
        warmup (int): How often before that. Defaults to 1.

    Returns:
        dict: ``wall`` and ``cpu`` (seconds a frame of each stage and of
        their ``total``; medians), ``wall_range`` (least and most of the
        total) and ``peak_mb`` of this process.

    Raises:
        FileNotFoundError: If there are no frames.
    """
    options = NYUOptions([split], rgb_from_depth=True)
    sources = find_sources(root_path, split, options, is_cad=False)
    sample_idx = find_samples(sources.folder)[0]
    clocks = [
        _prepare_once(sample_idx, sources, split, options)
        for _ in range(warmup + repeats)
    ][warmup:]
    wall, cpu = (
        [_with_total(getattr(clock, kind)) for clock in clocks]
        for kind in ('wall', 'cpu')
    )
    totals = [row['total'] for row in wall]
    return dict(
        wall=medians(wall),
        cpu=medians(cpu),
        wall_range=[min(totals), max(totals)],
        peak_mb=peak_mb(),
    )


def measure_workers(root_path: Path, split: str, workers: int, frames: int) -> dict:
    """Measure how much faster several processes are than one.

    Copies of the first frame are prepared as ``create_data.py`` does it, in
    a new process; the difference between many and few frames leaves out its
    start.

    Args:
        root_path (Path): Of the SSCNet release.
        split (str): Whose first frame is prepared.
        workers (int): Processes.
        frames (int): Frames for each process.

    Returns:
        dict: ``workers``; ``wall`` and ``cpu``, seconds a frame with one and
        with all of them; ``speedup`` by the clock; ``cpu_speedup``, what it
        would be if every process had a core for itself.
    """
    wall, cpu = [], []
    for count in (1, workers):
        few, many = (
            _convert_copies(root_path, split, count, number * count)
            for number in (2, frames + 2)
        )
        wall.append((many[0] - few[0]) / (frames * count))
        cpu.append((many[1] - few[1]) / (frames * count))
    return dict(
        workers=workers,
        wall=wall,
        cpu=cpu,
        speedup=wall[0] / wall[1],
        cpu_speedup=workers * cpu[0] / cpu[1],
    )


def format_result(result: dict) -> str:
    """Format what :func:`measure` returns as a table."""
    lines = [f'{"stage":<10}{"wall s":>9}{"cpu s":>9}']
    wall, cpu = result['wall'], result['cpu']
    lines += [
        f'{stage:<10}{wall[stage]:>9.3f}{cpu[stage]:>9.3f}'
        for stage in (*STAGES, 'total')
    ]
    low, high = result['wall_range']
    lines.append(f'total by the clock: {low:.3f} to {high:.3f} s')
    lines.append(format_peak(result))
    if 'workers' in result:
        several = result['workers']
        lines.append(
            f'{several["workers"]} processes: '
            f'{several["speedup"]:.2f} times as fast as one by the '
            f'clock, {several["cpu_speedup"]:.2f} by CPU time'
        )
    return '\n'.join(lines)


def _with_total(seconds: dict[str, float]) -> dict[str, float]:
    """Add the sum of the stages."""
    return dict(seconds, total=sum(seconds.values()))


def _prepare_once(
    sample_idx: str, sources: Sources, split: str, options: NYUOptions
) -> StageClock:
    """Prepare a frame in a new folder."""
    clock = StageClock(STAGES)
    with tempfile.TemporaryDirectory() as folder:
        layout = make_layout(Path(folder) / 'NYU', 'nyu')
        convert_frame(sample_idx, sources, layout, split, options, clock)
    return clock


def _convert_copies(
    root_path: Path, split: str, workers: int, frames: int
) -> tuple[float, float]:
    """Wall and CPU seconds of a process that converts copies of a frame."""
    sources = find_sources(root_path, split, NYUOptions([split]), is_cad=False)
    sample_idx = find_samples(sources.folder)[0]
    with tempfile.TemporaryDirectory() as folder:
        copies = Path(folder) / 'raw' / f'NYU{split}'
        copies.mkdir(parents=True)
        for number in range(frames):
            for ending in ('.bin', '.png'):
                link = copies / f'NYU{number:04d}_0000{ending}'
                link.symlink_to(
                    (sources.folder / f'{sample_idx}_0000{ending}').resolve()
                )
        # a new one, as a command would be, and not a fork of this one
        process = multiprocessing.get_context('spawn').Process(
            target=_convert, args=(copies.parent, Path(folder) / 'NYU', split, workers)
        )
        wall, cpu = time.perf_counter(), _children_cpu()
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(
                'the process that converts copies of '
                f'{sample_idx} ended with {process.exitcode}'
            )
        return time.perf_counter() - wall, _children_cpu() - cpu


def _convert(root_path: Path, out_dir: Path, split: str, workers: int) -> None:
    """Convert a split without a progress bar; ends the process."""
    options = NYUOptions([split], rgb_from_depth=True)
    with open(os.devnull, 'w') as nowhere, contextlib.redirect_stderr(nowhere):
        is_whole = convert_nyu(root_path, out_dir, options, Share(Workers(workers)))
    sys.exit(0 if is_whole else 1)


def _children_cpu() -> float:
    """CPU seconds of all processes that were started here and ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
