"""Measure the preparation of NYU frames, stage by stage.

``python tools/analysis_tools/benchmark_prepare.py --root-path RAW``: seconds
a frame (median over the repeats, after a warm-up) and peak memory, by the
code that ``tools/create_data.py nyu`` runs. ``--workers N`` measures in
addition how N processes go together.
"""

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

# the converters lie beside this folder
_TOOLS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_TOOLS))

_STAGES = ('read', 'labels', 'sensor', 'cad_depth', 'cad_tsdf', 'write')


class StageClock:
    """Adds up the time of stages.

    Attributes:
        wall (dict[str, float]): Seconds by the clock.
        cpu (dict[str, float]): Seconds of this process, all threads.
    """

    def __init__(self) -> None:
        self.wall: Dict[str, float] = dict.fromkeys(_STAGES, 0.)
        self.cpu: Dict[str, float] = dict.fromkeys(_STAGES, 0.)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure what runs inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[stage] += time.perf_counter() - wall
        self.cpu[stage] += time.process_time() - cpu


def _peak_memory_kb() -> int:
    """Return the largest resident size of this process.

    Not ``ru_maxrss``: that starts from the size of the parent process.
    """
    status = Path('/proc/self/status').read_text()
    return int(re.search(r'VmHWM:\s+(\d+)', status)[1])


def measure_prepare(root_path: Path, split: str, repeats: int) -> dict:
    """Measure one process.

    Args:
        root_path (Path): Of the SSCNet release.
        split (str): Whose first frame is prepared.
        repeats (int): How often, after one warm-up.

    Returns:
        dict: ``wall`` and ``cpu`` (seconds a frame of each stage and of
        their ``total``; medians), ``wall_range`` (least and most of the
        total) and ``peak_mb`` of this process.

    Raises:
        FileNotFoundError: If there are no frames.
    """
    from dataset_converters.nyu_ssc_converter import (NYUOptions, find_samples,
                                                      find_sources)
    options = NYUOptions([split], rgb_from_depth=True)
    sources = find_sources(root_path, split, options, is_cad=False)
    sample_idx = find_samples(sources.folder)[0]
    clocks = [
        _prepare_once(sample_idx, sources, split, options)
        for _ in range(repeats + 1)
    ][1:]
    totals = [sum(clock.wall.values()) for clock in clocks]
    peak_kb = _peak_memory_kb()
    return dict(
        wall=_medians([clock.wall for clock in clocks]),
        cpu=_medians([clock.cpu for clock in clocks]),
        wall_range=[min(totals), max(totals)],
        peak_mb=peak_kb / 1024)


def measure_workers(root_path: Path, split: str, workers: int,
                    frames: int) -> dict:
    """Measure how much faster several processes are than one.

    Copies of the first frame are prepared by ``create_data.py``; the
    difference between many and few frames leaves out its start.

    Args:
        root_path (Path): Of the SSCNet release.
        split (str): Whose first frame is prepared.
        workers (int): Processes.
        frames (int): Frames for each process.

    Returns:
        dict: ``wall`` and ``cpu``, seconds a frame with one and with all
        processes; ``speedup`` by the clock; ``cpu_speedup``, what it would
        be if every process had a core for itself.
    """
    wall, cpu = [], []
    for count in (1, workers):
        few, many = (
            _convert_copies(root_path, split, count, number * count)
            for number in (2, frames + 2))
        wall.append((many[0] - few[0]) / (frames * count))
        cpu.append((many[1] - few[1]) / (frames * count))
    return dict(
        wall=wall,
        cpu=cpu,
        speedup=wall[0] / wall[1],
        cpu_speedup=workers * cpu[0] / cpu[1])


def format_result(result: dict) -> str:
    """Format what :func:`measure_prepare` returns as a table."""
    lines = [f'{"stage":<10}{"wall s":>9}{"cpu s":>9}']
    lines += [
        f'{stage:<10}{result["wall"][stage]:>9.3f}{result["cpu"][stage]:>9.3f}'
        for stage in (*_STAGES, 'total')
    ]
    low, high = result['wall_range']
    lines.append(f'total by the clock: {low:.3f} to {high:.3f} s')
    lines.append(f'peak memory: {result["peak_mb"]:.0f} MB')
    return '\n'.join(lines)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description='Measure the preparation of NYU frames')
    parser.add_argument('--root-path', type=Path, required=True)
    parser.add_argument('--split', choices=['train', 'test'], default='train')
    parser.add_argument('--repeats', type=int, default=5)
    parser.add_argument(
        '--workers',
        type=int,
        default=1,
        help='also compare this number of processes with one')
    parser.add_argument('--json', type=Path, help='write the numbers there')
    return parser.parse_args()


def main() -> int:
    """Run; returns the exit status."""
    args = parse_args()
    try:
        result = measure_prepare(args.root_path, args.split, args.repeats)
        print(format_result(result))
        if args.workers > 1:
            result['workers'] = measure_workers(args.root_path, args.split,
                                                args.workers, 2 * args.repeats)
            print(f'{args.workers} processes: '
                  f'{result["workers"]["speedup"]:.2f} times as fast as one '
                  'by the clock, '
                  f'{result["workers"]["cpu_speedup"]:.2f} by CPU time')
    except (ValueError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + '\n')
    return 0


def _prepare_once(sample_idx: str, sources, split: str, options) -> StageClock:
    """Prepare a frame in a new folder."""
    from dataset_converters.dataset_layout import DatasetLayout
    from dataset_converters.nyu_ssc_converter import convert_frame
    clock = StageClock()
    with tempfile.TemporaryDirectory() as folder:
        layout = DatasetLayout(Path(folder) / 'NYU', 'nyu', 'NYU')
        convert_frame(sample_idx, sources, layout, split, options, clock)
    return clock


def _convert_copies(root_path: Path, split: str, workers: int,
                    frames: int) -> Tuple[float, float]:
    """Wall and CPU seconds of create_data.py for copies of a frame."""
    from dataset_converters.nyu_ssc_converter import (NYUOptions, find_samples,
                                                      find_sources)
    sources = find_sources(root_path, split, NYUOptions([split]), is_cad=False)
    sample_idx = find_samples(sources.folder)[0]
    with tempfile.TemporaryDirectory() as folder:
        copies = Path(folder) / 'raw' / f'NYU{split}'
        copies.mkdir(parents=True)
        for number in range(frames):
            for ending in ('.bin', '.png'):
                link = copies / f'NYU{number:04d}_0000{ending}'
                link.symlink_to(
                    (sources.folder / f'{sample_idx}_0000{ending}').resolve())
        command = [
            sys.executable,
            str(_TOOLS / 'create_data.py'), 'nyu', '--rgb-from-depth',
            '--splits', split, '--root-path',
            str(copies.parent), '--out-dir', f'{folder}/NYU', '--workers',
            str(workers)
        ]
        wall, cpu = time.perf_counter(), _children_cpu()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - wall, _children_cpu() - cpu


def _children_cpu() -> float:
    """CPU seconds of all processes that were started here and ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _medians(stages: List[Dict[str, float]]) -> Dict[str, float]:
    """Median of each stage, and of the total."""
    rows = [dict(row, total=sum(row.values())) for row in stages]
    return {
        key: statistics.median(row[key] for row in rows)
        for key in rows[0]
    }


if __name__ == '__main__':
    sys.exit(main())
