"""Turn a checkpoint of AMMNet's authors into ours, or back (--reverse)."""

import argparse
from functools import partial

from cleaners.utils.command_line import parse_official_files, run_tool

CONFIG = 'configs/ammnet_b2.py'


def convert(args: argparse.Namespace) -> None:
    """Convert the checkpoint."""
    # here, so that --help answers at once
    from ammnet.model_converters.adversarial_config import AdversarialConfig
    from cleaners.model_converters import official

    official.convert(args, AdversarialConfig, CONFIG)


if __name__ == '__main__':
    run_tool(partial(parse_official_files, __doc__, CONFIG), convert)
