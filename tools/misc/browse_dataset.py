"""Draw prepared frames: ``browse_dataset.py CONFIG_OR_ROOT``.

For each frame OUT/<frame>.png: photo, depth and the pixels that are mapped to
a voxel; then the TSDF, the labels and those that count, cut where most of the
surface is (from the left, and from above).
"""

import argparse
from pathlib import Path

from cleaners.utils.command_line import at_least, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('source', help='config, or folder of tools/create_data.py')
    parser.add_argument('--split', choices=['train', 'test'], default='test')
    parser.add_argument('--out-dir', type=Path, default=Path('work_dirs/browse'))
    parser.add_argument(
        '--max-frames', type=at_least(1), default=10, help='(default: 10)'
    )
    return parser.parse_args()


def browse(args: argparse.Namespace) -> None:
    """Draw the frames."""
    # here, so that --help answers at once
    from cleaners.analysis.browse import browse_dataset

    browse_dataset(args.source, args.split, args.out_dir, args.max_frames)


if __name__ == '__main__':
    run_tool(parse_args, browse)
