"""Measure speed and memory: ``benchmark.py CONFIG --task TASK``.

==========  ==============================================================
inference   the network: seconds by stage, FLOPs of the definition, their
            part of the machine's matrix-product rate, peak memory
train       a step: forward, backward, optimizer; the same numbers
loader      samples a second through the training pipeline, and its
            transforms one by one (synthetic rooms where no data is)
metric      milliseconds of the metric
export      seconds a frame of the exported network, in torch and in ONNX
            Runtime, beside this project's; on the CPU
prepare     ``tools/create_data.py nyu``: seconds a frame by stage, memory;
            needs no CONFIG, but --root-path
==========  ==============================================================

Weights and frames are random, but for ``loader`` and ``prepare``.
"""

import argparse
import importlib
from pathlib import Path

from cleaners.utils.command_line import (
    add_cfg_options,
    add_json,
    at_least,
    make_parser,
    run_tool,
)

TASKS = ('inference', 'train', 'loader', 'metric', 'export', 'prepare')
# options that only some tasks read
_READ_BY = {
    **dict.fromkeys(
        ('config', 'batch_size', 'cfg_options', 'device', 'seed'), TASKS[:5]
    ),
    'matmul_size': ('inference', 'train'),
    **dict.fromkeys(('num_workers', 'data_root', 'samples'), ('loader',)),
    **dict.fromkeys(('root_path', 'split', 'workers'), ('prepare',)),
}


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('config', nargs='?', help='config file')
    parser.add_argument('--task', choices=TASKS, required=True)
    add_json(parser)
    parser.add_argument(
        '--repeats',
        type=at_least(1),
        default=5,
        help='the median of so many runs is reported (default: 5)',
    )
    parser.add_argument(
        '--warmup', type=at_least(0), default=1, help='runs before (default: 1)'
    )
    _add_config_options(parser)
    _add_loader_options(parser)
    _add_prepare_options(parser)
    args = parser.parse_args()
    if args.task == 'prepare' and args.root_path is None:
        parser.error('--task prepare needs --root-path')
    if args.task != 'prepare' and args.config is None:
        parser.error(f'--task {args.task} needs a CONFIG')
    for name, tasks in _READ_BY.items():
        is_given = getattr(args, name) != parser.get_default(name)
        if is_given and args.task not in tasks:
            option = 'CONFIG' if name == 'config' else f'--{name.replace("_", "-")}'
            parser.error(
                f'{option} is for --task {" or ".join(tasks)}, not {args.task}'
            )
    return args


def measure(args: argparse.Namespace) -> None:
    """Measure, print the table, write the numbers."""
    # here, so that --help answers at once
    from cleaners.utils.atomic_write import write_json

    task = importlib.import_module(f'cleaners.analysis.benchmarks.{args.task}')
    result = dict(task=args.task, **task.measure(args))
    print(task.format_result(result))
    if args.json:
        write_json(args.json, result)


def _add_config_options(parser: argparse.ArgumentParser) -> None:
    """Options of the tasks that measure a config."""
    group = parser.add_argument_group('all tasks but prepare')
    group.add_argument('--batch-size', type=at_least(1), default=1)
    add_cfg_options(group)
    group.add_argument('--device', help='such as cpu or cuda:1 (default: a GPU if any)')
    group.add_argument('--seed', type=at_least(0), default=0)
    group.add_argument(
        '--matmul-size',
        type=at_least(1),
        default=4096,
        help='inference and train: side of the matrix product beside which a '
        'network is judged (default: 4096)',
    )


def _add_loader_options(parser: argparse.ArgumentParser) -> None:
    """Options of the task ``loader``."""
    group = parser.add_argument_group('loader')
    group.add_argument('--num-workers', type=at_least(0), default=2)
    group.add_argument('--data-root', help="in place of the config's; of its layout")
    group.add_argument(
        '--samples', type=at_least(1), default=100, help='in each run (default: 100)'
    )


def _add_prepare_options(parser: argparse.ArgumentParser) -> None:
    """Options of the task ``prepare``."""
    group = parser.add_argument_group('prepare')
    group.add_argument('--root-path', type=Path, help='the SSCNet release')
    group.add_argument('--split', choices=['train', 'test'], default='train')
    group.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='also compare this number of processes with one',
    )


if __name__ == '__main__':
    run_tool(parse_args, measure)
