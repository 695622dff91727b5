"""Explain the errors of a checkpoint: by class, by distance, by occlusion.

Tests the checkpoint as tools/test.py does, prints tables and writes
error_analysis.json, confusion.png, error_by_distance.png and
error_by_occlusion.png (docs/error_analysis.md).
"""

import argparse

from cleaners.utils.command_line import (
    add_test_options,
    make_parser,
    positive,
    run_tool,
)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_test_options(parser)
    parser.add_argument(
        '--out-dir',
        dest='work_dir',
        metavar='DIR',
        required=True,
        help='folder for the figures, the numbers and the log',
    )
    parser.add_argument(
        '--distance-bin',
        type=positive,
        default=0.5,
        metavar='METRES',
        help='width of the bins of distance from the camera (default: 0.5)',
    )
    parser.add_argument(
        '--depth-bin',
        type=positive,
        default=2.0,
        metavar='VOXELS',
        help='width of the bins of how deep occluded voxels are hidden (default: 2)',
    )
    return parser.parse_args()


def analyse(args: argparse.Namespace) -> None:
    """Explain the errors."""
    # here, so that --help answers at once
    from cleaners.analysis.error_analysis import analyse_errors
    from cleaners.engine.run_setup import load_test_config

    analyse_errors(load_test_config(args), args.distance_bin, args.depth_bin)


if __name__ == '__main__':
    run_tool(parse_args, analyse)
