"""What a command line says of anyone's RGB-D camera."""

import argparse
from typing import TYPE_CHECKING

from ...utils.errors import InputError

if TYPE_CHECKING:
    from ..profile import Profile
    from ..rgbd_reading import RGBDOptions


def add_camera(parser: argparse.ArgumentParser, is_required: bool = True) -> None:
    """Add the options of camera, pose and depth image.

    Args:
        parser (argparse.ArgumentParser): Gets them.
        is_required (bool): Whether the intrinsics must be given. Defaults to
            True.
    """
    parser.add_argument(
        '--intrinsics',
        required=is_required,
        metavar='K',
        help="in pixels of the photo: 'fx,fy,cx,cy', or a .txt, .json or "
        '.yaml file (numbers, a 3 x 3 or 4 x 4 matrix, Open3D, RealSense, '
        'ROS, OpenCV), or a folder with one file a frame',
    )
    parser.add_argument(
        '--pose',
        metavar='P',
        help='camera to world, Z up, floor at 0: a .txt, .json or .yaml '
        'file, or a folder with one file a frame (default: estimated)',
    )
    parser.add_argument(
        '--gravity',
        nargs=3,
        type=float,
        metavar=('X', 'Y', 'Z'),
        help='the way things fall, in the camera frame: x right, y down, '
        'z forward (default: estimated)',
    )
    parser.add_argument(
        '--camera-height',
        type=float,
        metavar='H',
        help='metres above the floor (default: estimated)',
    )
    parser.add_argument(
        '--depth-scale',
        type=float,
        help='depth values to a metre (default: integers are millimetres, '
        'floats metres)',
    )
    parser.add_argument(
        '--rotated-depth',
        action='store_true',
        help='the 16 bits are rotated left by three, as in NYU of SSCNet',
    )
    parser.add_argument(
        '--fit',
        choices=['pad', 'crop'],
        default='pad',
        help='how another aspect ratio than 4:3 is handled: keep the field '
        'of view and pad, or fill the image and cut (default: pad)',
    )
    parser.add_argument(
        '--force',
        action='store_true',
        help='go on where intrinsics or depth seem not to belong to the '
        'photo, or where the frame seems to show no room',
    )


def camera_of(args: argparse.Namespace, profile: 'Profile') -> 'RGBDOptions':
    """Options that :func:`add_camera` has added.

    Args:
        args (argparse.Namespace): The command line.
        profile (Profile): Rules of the volumes.

    Returns:
        RGBDOptions: As the frames are read.

    Raises:
        InputError: If the pose and a part of it are both given.
    """
    from ..rgbd_reading import RGBDOptions

    parts = {'--gravity': args.gravity, '--camera-height': args.camera_height}
    if args.pose is not None:
        for option, value in parts.items():
            if value is not None:
                raise InputError(
                    f'--pose says where the camera is: leave {option} out, or --pose'
                )
    return RGBDOptions(
        args.intrinsics,
        args.pose,
        args.gravity,
        args.camera_height,
        args.depth_scale,
        args.rotated_depth,
        args.fit,
        args.force,
        profile,
    )
