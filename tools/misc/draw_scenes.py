"""Draw test frames: ``draw_scenes.py CONFIG CHECKPOINT FRAME... --out PNG``.

A row a frame: the voxels of the visible surface, the scene that the network
completes, the ground truth; without photos.
"""

import argparse
from pathlib import Path

from cleaners.utils.command_line import add_checkpoint, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('config', metavar='CONFIG')
    add_checkpoint(parser, 'checkpoint')
    parser.add_argument('frames', nargs='+', metavar='FRAME')
    parser.add_argument('--out', type=Path, required=True, metavar='PNG')
    parser.add_argument('--data-root', metavar='DIR', help='folder of the data set')
    return parser.parse_args()


def draw(args: argparse.Namespace) -> None:
    """Draw the frames."""
    # here, so that --help answers at once
    from cleaners.analysis.completed_frames import draw_completed_frames

    draw_completed_frames(
        args.config, args.checkpoint, args.frames, args.out, args.data_root
    )


if __name__ == '__main__':
    run_tool(parse_args, draw)
