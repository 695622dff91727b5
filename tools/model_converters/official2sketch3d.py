"""Turn a checkpoint of 3D-Sketch's authors into ours, or back (--reverse)."""

import argparse
from functools import partial

from cleaners.utils.command_line import parse_official_files, run_tool

CONFIG = 'configs/sketch3d_r50.py'


def convert(args: argparse.Namespace) -> None:
    """Convert the checkpoint."""
    # here, so that --help answers at once
    from cleaners.model_converters import official
    from sketch3d.model_converters.sketch_config import SketchConfig

    official.convert(args, SketchConfig, CONFIG)


if __name__ == '__main__':
    run_tool(partial(parse_official_files, __doc__, CONFIG), convert)
