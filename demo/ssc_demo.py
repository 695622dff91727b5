"""Complete rooms: ``python demo/ssc_demo.py PHOTO DEPTH --intrinsics K``.

PHOTO and DEPTH are two files, or two folders of files with the same names;
PHOTO may be ``-``: depth alone. For each frame OUT gets NAME.html, a page that
one can walk around in, NAME.png, NAME.ply, NAME_points.ply and NAME.npz; for
folders also index.html; with --poses the frames are joined in map.html and
its like, too.
"""

import argparse
from pathlib import Path

from cleaners.data_preparation.commands.arguments import PROFILES
from cleaners.data_preparation.commands.camera_arguments import add_camera, camera_of
from cleaners.utils.command_line import add_network, make_parser, run_tool
from cleaners.utils.errors import values_are_input


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('photo', metavar='PHOTO')
    parser.add_argument('depth', type=Path, metavar='DEPTH')
    add_network(parser, 'cleaners_efflite0-d32, for depth alone cleaners_depth-d32')
    parser.add_argument('--out-dir', type=Path, default=Path('work_dirs/scenes'))
    parser.add_argument(
        '--poses',
        metavar='P',
        help='as --pose, of all frames in one world: they are joined',
    )
    parser.add_argument(
        '--profile',
        choices=PROFILES,
        help='rules of the volumes, for a checkpoint that does not name them '
        '(default: its own, else 3dsketch)',
    )
    add_camera(parser)
    args = parser.parse_args()
    if args.poses and args.pose:
        parser.error('--poses are poses, too: leave --pose out')
    return args


def complete(args: argparse.Namespace) -> None:
    """Complete the frames."""
    # here, so that --help answers at once
    from cleaners.apis.scene_demo import NetworkChoice, complete_files
    from cleaners.data_preparation.profile import DEFAULT_PROFILE, get_profile

    args.pose = args.poses or args.pose
    # the network says itself what its volumes are made by
    camera = camera_of(args, get_profile(DEFAULT_PROFILE))
    with values_are_input():
        complete_files(
            args.photo,
            args.depth,
            camera,
            args.out_dir,
            NetworkChoice(args.model, args.device, args.profile),
            bool(args.poses),
        )


if __name__ == '__main__':
    run_tool(parse_args, complete, 'what is written is whole')
