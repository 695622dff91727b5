"""What the command lines of the tools have in common.

Imports nothing heavy, so that --help answers at once.
"""
import argparse
import os
from typing import Callable

from .errors import report_errors


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every tool that builds a runner."""
    add_config_options(parser)
    parser.add_argument(
        '--data-root',
        metavar='DIR',
        help="folder of the data set, in place of the config's")
    parser.add_argument(
        '--twin',
        metavar='DIR',
        help='folder of its clean twin, which teachers read (default: beside '
        'the data set, named like it with _clean)')
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='how several processes are started (default: none)')
    # torchrun and torch.distributed.launch pass this
    parser.add_argument(
        '--local_rank',
        '--local-rank',
        type=int,
        default=0,
        help=argparse.SUPPRESS)


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add the config, and the options that change it."""
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='override settings of the config, e.g. '
        'optim_wrapper.optimizer.lr=5e-4')


def run(work: Callable[[argparse.Namespace], None],
        args: argparse.Namespace) -> None:
    """Do what a tool does; an error that a user can mend is one line.

    Args:
        work (Callable): What it does.
        args (argparse.Namespace): The command line, of
            :func:`add_run_options`.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    with report_errors():
        work(args)


def at_least(minimum: int) -> Callable[[str], int]:
    """Return a type for argparse: an integer that is not too small.

    Args:
        minimum (int): The least value.
    """

    def integer(text: str) -> int:
        number = int(text)
        if number < minimum:
            raise argparse.ArgumentTypeError(
                f'should be at least {minimum}, got {text}')
        return number

    return integer
