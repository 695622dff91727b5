"""Camera options of a command line."""

import pytest

from cleaners.data_preparation.commands.camera_arguments import add_camera, camera_of
from cleaners.data_preparation.profile import SKETCH
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.utils.command_line import make_parser
from cleaners.utils.errors import InputError


def parse(*options):
    parser = make_parser('')
    add_camera(parser)
    return camera_of(parser.parse_args(['--intrinsics', 'k.txt', *options]), SKETCH)


def test_every_option_has_its_place():
    assert parse('--pose', 'p.txt', '--fit', 'crop', '--force') == RGBDOptions(
        intrinsics='k.txt', pose='p.txt', fit='crop', force=True, profile=SKETCH
    )
    gravity = '--gravity', '-1.2e-02', '1', '-.5', '--camera-height', '1.4'
    depth = '--depth-scale', '5000', '--rotated-depth'
    assert parse(*gravity, *depth) == RGBDOptions(
        intrinsics='k.txt',
        gravity=[-0.012, 1.0, -0.5],
        camera_height=1.4,
        depth_scale=5000.0,
        is_rotated=True,
        profile=SKETCH,
    )


@pytest.mark.parametrize(
    'option', [('--gravity', '0', '1', '0'), ('--camera-height', '0')]
)
def test_a_pose_leaves_nothing_to_say(option):
    with pytest.raises(InputError, match=f'leave {option[0]} out, or --pose'):
        parse('--pose', 'p.txt', *option)
