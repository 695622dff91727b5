"""Turn a checkpoint of CVSformer's authors into ours, or back (--reverse)."""

import argparse
from functools import partial

from cleaners.utils.command_line import parse_official_files, run_tool

CONFIG = 'configs/cvsformer_seg2d.py'


def convert(args: argparse.Namespace) -> None:
    """Convert the checkpoint."""
    # here, so that --help answers at once
    from cleaners.model_converters import official
    from cvsformer.model_converters.cvsformer_config import CVSformerConfig

    official.convert(args, CVSformerConfig, CONFIG)


if __name__ == '__main__':
    run_tool(partial(parse_official_files, __doc__, CONFIG), convert)
