"""Turn a checkpoint of the authors' code into ours, or back (--reverse)."""

import argparse
from functools import partial

from cleaners.utils.command_line import parse_official_files, run_tool

CONFIG = 'configs/cleaners_b2_baseline.py'


def convert(args: argparse.Namespace) -> None:
    """Convert the checkpoint."""
    # here, so that --help answers at once
    from cleaners.model_converters import official

    official.convert(args, official.NetworkConfig, CONFIG)


if __name__ == '__main__':
    run_tool(partial(parse_official_files, __doc__, CONFIG), convert)
