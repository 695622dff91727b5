"""Prepare data sets: ``python tools/create_data.py COMMAND ...``.

nyu, nyucad, nyu-public, rgbd and synth make a data set, tsdf-cad the clean
twin of one; verify checks one; merge joins the shards of one.
"""

import argparse
import sys

from cleaners.data_preparation.commands import COMMANDS
from cleaners.utils.command_line import make_parser, run_tool
from cleaners.utils.errors import values_are_input


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    commands = parser.add_subparsers(title='commands', metavar='COMMAND', required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return parser.parse_args()


def prepare(args: argparse.Namespace) -> None:
    """Run a command; where something is wrong with the data, 1 is the status."""
    try:
        with values_are_input():
            is_whole = args.run(args)
    except RuntimeError as error:
        if type(error).__name__ != 'TerminatedWorkerError':
            raise
        sys.exit(
            'error: a worker process was killed (out of memory?); '
            'finished frames are kept, run the same command again with '
            'fewer --workers'
        )
    sys.exit(0 if is_whole else 1)


if __name__ == '__main__':
    run_tool(
        parse_args, prepare, 'finished frames are kept, run the same command again'
    )
