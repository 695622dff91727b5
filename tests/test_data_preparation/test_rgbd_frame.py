"""One frame of anyone's camera, in memory."""

import numpy as np
import pytest

from cleaners.data_preparation.rgbd_frame import ViewOptions, make_rgbd_frame
from cleaners.fileio.depth_scale import DepthCode, depth_to_metres


@pytest.fixture
def frame_of(room):
    """The frame of a room's depth image, stored somehow."""

    def make(stored, **options):
        depth = depth_to_metres(stored, DepthCode())
        options = ViewOptions(**dict(dict(cam2world=room.view.cam2world), **options))
        return make_rgbd_frame(None, depth, room.view.intrinsics, options)

    return make


@pytest.mark.parametrize('dtype, scale', [(np.int32, 1), (np.float32, 1000)])
def test_holes_of_16_bits_are_holes_in_every_type(room, frame_of, dtype, scale):
    stored = room.depth_mm.copy()
    stored[100:200, 300:400] = 65535
    wanted = frame_of(stored).depth_mm
    assert not wanted[100:200, 300:400].any() and wanted[200:300].any()
    copied = (stored / scale).astype(dtype)
    np.testing.assert_array_equal(frame_of(copied).depth_mm, wanted)


@pytest.mark.parametrize('hole', [-1.0, np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings('error')
def test_what_is_not_measured_is_a_hole_in_metres(room, hole):
    """-1 m became 64.5 m in 16 bits."""
    depth = room.depth_mm / 1000.0
    depth[100:200, 300:400] = hole
    options = ViewOptions(cam2world=room.view.cam2world)
    found = make_rgbd_frame(None, depth, room.view.intrinsics, options).depth_mm
    assert not found[100:200, 300:400].any()
    np.testing.assert_array_equal(found[200:], room.depth_mm[200:])


@pytest.mark.parametrize('part', [dict(gravity=(0, 1, 0)), dict(camera_height=1.2)])
def test_a_pose_leaves_nothing_to_say(room, frame_of, part):
    with pytest.raises(ValueError, match='leave gravity and camera_height out'):
        frame_of(room.depth_mm, **part)


def test_a_pose_in_coordinates_of_a_map_is_refused(room, frame_of):
    """Single precision would tear the room apart."""
    far = room.view.cam2world.copy()
    far[:2, 3] += 5e5, 5.4e6
    with pytest.raises(ValueError, match='subtract the position of the room'):
        frame_of(room.depth_mm, cam2world=far)
