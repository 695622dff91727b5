"""What is no room, and what is one after all."""

import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.geometry.plausibility import check_room
from cleaners.geometry.view_estimate import estimate_view, known_view
from cleaners.synth.pose import make_view

NO_ROOM = r'this is no room: \d+% .* nearer than 1.5 m.*--force'
# a table, and things on it
TABLE = ([-.6, 0., .72], [.6, .8, .75])
THINGS = (([-.2, .3, .75], [-.1, .4, .97]), ([.1, .35, .75], [.3, .5, .88]),
          ([0., .15, .75], [.06, .2, .85]))
HALL = ([-3., -2., 0.], [3., 4., 2.7])


def estimate(frame, **known):
    return estimate_view(frame.depth, frame.intrinsics, nyu.FINE_GRID, **known)


@pytest.mark.parametrize('scale', [.6, 1., 1.3])
def test_a_table_top_is_no_room(depth_frame, scale):
    frame = depth_frame('tabletop')
    frame = frame._replace(depth=scale * frame.depth)
    with pytest.raises(ValueError, match=NO_ROOM):
        estimate(frame)
    # the table then is the floor
    found = estimate(frame, force=True)
    assert found.height == pytest.approx(.614 * scale, abs=.01)
    assert found.tilt == pytest.approx(50.2, abs=.5)


@pytest.mark.parametrize('pitch', [48., 65., 90.])
@pytest.mark.parametrize('knows_pose', [False, True])
def test_things_on_a_table(box_depth, pitch, knows_pose):
    pose = make_view(1.35, pitch).cam2world
    # the axis meets the middle of the table
    pose[1, 3] = .4 - .6 / np.tan(np.deg2rad(pitch))
    frame = box_depth(pose, *HALL, (TABLE, *THINGS))
    with pytest.raises(ValueError, match=NO_ROOM):
        if knows_pose:
            known_view(frame.depth, pose, frame.intrinsics, nyu.FINE_GRID)
        else:
            estimate(frame)


@pytest.mark.parametrize('height,pitch,distance', [
    (1.4, 10., 1.2),
    (1.4, 25., 1.1),
    (1.1, 40., 1.2),
])
def test_a_small_room_is_one(box_depth, height, pitch, distance):
    pose = make_view(height, pitch, 5.).cam2world
    frame = box_depth(pose, [-.9, -.8, 0.], [.9, distance, 2.5])
    assert (frame.depth < 1.5).mean() > .75
    assert estimate(frame).tilt == pytest.approx(pitch, abs=.1)


@pytest.mark.parametrize('name', ['sun', 'nyu', 'shelf', 'desk', 'synth0'])
def test_rooms_are_far_from_being_refused(depth_frame, name):
    frame = depth_frame(name)
    measured = frame.depth[frame.depth > 0]
    assert (measured < 1.5).mean() < .25
    # even if nothing were known of their walls and floors
    check_room(frame.depth, frame.intrinsics, np.array([1., 0., 0.]))
