"""Write docs/model_zoo.md and the model cards from the metafiles."""

import argparse
from pathlib import Path

from cleaners.utils.command_line import make_parser, run_tool

ROOT = Path(__file__).resolve().parents[2]


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    return make_parser(__doc__).parse_args()


def write(args: argparse.Namespace) -> None:
    """Write the pages."""
    # here, so that --help answers at once
    from cleaners.analysis.model_zoo import write_pages

    for page in write_pages(ROOT):
        print(page)


if __name__ == '__main__':
    run_tool(parse_args, write)
