"""What is no room, and what is one after all."""

import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.geometry.plausibility import check_room
from cleaners.geometry.view_estimate import estimate_view, known_view
from cleaners.synth.pose import make_view

NO_ROOM = r'this is no room: \d+% .* nearer than 1.5 m.*; --force goes on'
# a table, and things on it
TABLE = ([-0.6, 0.0, 0.72], [0.6, 0.8, 0.75])
THINGS = (
    ([-0.2, 0.3, 0.75], [-0.1, 0.4, 0.97]),
    ([0.1, 0.35, 0.75], [0.3, 0.5, 0.88]),
    ([0.0, 0.15, 0.75], [0.06, 0.2, 0.85]),
)
HALL = ([-3.0, -2.0, 0.0], [3.0, 4.0, 2.7])


def estimate(frame, **known):
    return estimate_view(frame.depth, frame.intrinsics, nyu.FINE_GRID, **known)


def test_a_hand_before_a_wall_is_no_room():
    """Nothing that is near has a surface: numpy raised IndexError."""
    depth = np.full((480, 640), 0.4)
    depth[:, :120] = 3.0
    with pytest.raises(ValueError, match=NO_ROOM):
        check_room(depth, nyu.CALIBRATED_INTRINSICS, np.array([0.0, 1.0, 0.0]), True)


@pytest.mark.parametrize('scale', [0.6, 1.0, 1.3])
def test_a_table_top_is_no_room(depth_frame, scale):
    frame = depth_frame('tabletop')
    frame = frame._replace(depth=scale * frame.depth)
    with pytest.raises(ValueError, match=NO_ROOM):
        estimate(frame)
    # the table then is the floor
    found = estimate(frame, force=True)
    assert found.height == pytest.approx(0.614 * scale, abs=0.01)
    assert found.tilt == pytest.approx(50.2, abs=0.5)


@pytest.mark.parametrize('pitch', [48.0, 65.0, 90.0])
@pytest.mark.parametrize('knows_pose', [False, True])
def test_things_on_a_table(box_depth, pitch, knows_pose):
    pose = make_view(1.35, pitch).cam2world
    # the axis meets the middle of the table
    pose[1, 3] = 0.4 - 0.6 / np.tan(np.deg2rad(pitch))
    frame = box_depth(pose, *HALL, (TABLE, *THINGS))
    with pytest.raises(ValueError, match=NO_ROOM):
        if knows_pose:
            known_view(frame.depth, pose, frame.intrinsics, nyu.FINE_GRID)
        else:
            estimate(frame)


@pytest.mark.parametrize(
    'height,pitch,distance',
    [
        (1.4, 10.0, 1.2),
        (1.4, 25.0, 1.1),
        (1.1, 40.0, 1.2),
    ],
)
def test_a_small_room_is_one(box_depth, height, pitch, distance):
    pose = make_view(height, pitch, 5.0).cam2world
    frame = box_depth(pose, [-0.9, -0.8, 0.0], [0.9, distance, 2.5])
    assert (frame.depth < 1.5).mean() > 0.75
    assert estimate(frame).tilt == pytest.approx(pitch, abs=0.1)


@pytest.mark.parametrize('name', ['sun', 'nyu', 'shelf', 'desk', 'synth0'])
def test_rooms_are_far_from_being_refused(depth_frame, name):
    frame = depth_frame(name)
    measured = frame.depth[frame.depth > 0]
    assert (measured < 1.5).mean() < 0.25
    # even if nothing were known of their walls and floors
    check_room(frame.depth, frame.intrinsics, np.array([1.0, 0.0, 0.0]))
