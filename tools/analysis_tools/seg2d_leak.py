"""Show that NYU's Seg2D knows the test labels: ``seg2d_leak.py DATA_ROOT``.

Prints, for each split, how many pixels the 2D segmentations name as the 2D
ground truth does. Equally many on frames that a network was trained on and on
frames that it was not would be strange.
"""

import argparse
from pathlib import Path

from cleaners.utils.command_line import add_json, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('data_root', type=Path, metavar='DATA_ROOT')
    add_json(parser)
    return parser.parse_args()


def show_leak(args: argparse.Namespace) -> None:
    """Measure, print, write."""
    # here, so that --help answers at once
    from cleaners.analysis.seg2d_leak import measure_leak
    from cleaners.utils.atomic_write import write_json

    leak = measure_leak(args.data_root)
    for split, row in leak.items():
        print(
            f'{split}: {row["frames"]} frames, {row["accuracy"]:.1f} % of '
            f'the pixels, {row["mIoU"]:.1f} mIoU'
        )
    if args.json:
        write_json(args.json, leak)


if __name__ == '__main__':
    run_tool(parse_args, show_leak)
