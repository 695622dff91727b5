import itertools

import numpy as np
import pytest

from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.mapping import map_pixels
from cleaners.geometry.visibility import voxel_visibility
from cleaners.geometry.voxel_grid import GridView, VoxelGrid

LOOK = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
GRID = VoxelGrid((4, 2, 20), 0.2)
SAMPLES = 2
IMG_SIZE = (33, 49)


@pytest.fixture
def view():
    """A camera at the middle of the near side, 1 m in front of the box."""
    return GridView(LOOK, [-0.4, 1.0, -0.2], Intrinsics(40.0, 40.0, 24.0, 16.0), GRID)


def look_up(depth, view, world2cam, world, view_size, margin):
    """What the depth image says of a point."""
    u, v, w = view.intrinsics.cam2img @ (world2cam @ [*world, 1])[:3]
    row, column = np.floor([v / w + 0.5, u / w + 0.5]).astype(int)
    if not (w > 0 and 0 <= row < view_size[0] and 0 <= column < view_size[1]):
        return 'outside'
    seen = depth[row, column]
    return 'unknown' if seen == 0 else ('free' if seen > w + margin else 'behind')


def slow_visibility(depth, view, view_size=IMG_SIZE):
    """The same, voxel by voxel, from its definition."""
    shape = view.grid.shape
    free, outside = np.zeros(shape, bool), np.zeros(shape, bool)
    measured = set(map_pixels(depth, view).ravel())
    world2cam = np.linalg.inv(view.cam2world)
    for block in np.ndindex(shape):
        states = []
        is_hit = np.ravel_multi_index(block, shape) in measured
        corner = view.voxel_origin + 0.2 * np.array(block)[[0, 2, 1]]
        for step in itertools.product(range(SAMPLES), repeat=3):
            states.append(
                look_up(
                    depth,
                    view,
                    world2cam,
                    corner + 0.1 * (np.array(step) + 0.5),
                    view_size,
                    0.0,
                )
            )
        middle = look_up(depth, view, world2cam, corner + 0.1, view_size, 0.1)
        inside = [state for state in states if state != 'outside']
        outside[block] = not inside
        num_free = inside.count('free')
        num_measured = num_free + inside.count('behind')
        is_through = (
            num_measured >= 0.5 * len(inside) and num_free >= 0.9 * num_measured
        )
        free[block] = (
            num_free > 0
            and not is_hit
            and (is_through or (middle == 'free' and num_free >= 0.5 * num_measured))
        )
    return free, outside


def test_a_wall(view):
    visible = voxel_visibility(np.full(IMG_SIZE, 3.0), view, samples=SAMPLES)
    # the wall is 2 m into the box, at voxel 20, block 10; the middle of the
    # box is in the image, its near corners are not
    assert visible.free[1:3, :, 5:10].all()
    assert not visible.free[..., 10:].any()
    assert not visible.outside[..., 10:].any()


def test_behind_unmeasured_pixels_nothing_is_known(view):
    depth = np.full(IMG_SIZE, 3.0)
    depth[:, 24:] = 0
    visible = voxel_visibility(depth, view, samples=SAMPLES)
    assert not visible.free[2:].any()
    assert visible.free[1, 1, 5:10].all()
    assert not visible.outside[2:, :, 10:].any()


def test_small_holes_and_wrong_pixels_do_not_matter(view):
    rng = np.random.default_rng(0)
    depth = np.where(rng.random(IMG_SIZE) < 0.1, 0, 3.0)
    clean = voxel_visibility(np.full(IMG_SIZE, 3.0), view).free
    assert voxel_visibility(depth, view).free[clean].mean() > 0.99
    # a wrong pixel keeps what it seems to lie in, and no more
    depth[rng.random(IMG_SIZE) < 0.02] = 1.3
    assert voxel_visibility(depth, view).free[clean].mean() > 0.8


def test_a_thin_thing_keeps_its_block(view):
    depth = np.full(IMG_SIZE, 4.0)
    depth[16, 24] = 2.05  # a wire, narrower than what is looked up
    visible = voxel_visibility(depth, view, samples=SAMPLES)
    voxel = np.unravel_index(map_pixels(depth, view)[16, 24], GRID.shape)
    assert not visible.free[voxel]


def test_padding_is_outside_of_the_view(view):
    depth = np.zeros(IMG_SIZE)
    depth[:, :24] = 3.0
    whole = voxel_visibility(depth, view, samples=SAMPLES)
    padded = voxel_visibility(depth, view, (33, 24), SAMPLES)
    assert not whole.outside[2:, :, 10:].any()
    assert padded.outside[2:, :, :].all()


@pytest.mark.parametrize('seed', range(3))
def test_against_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-0.4, 0.4)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    view = GridView(turn @ LOOK, [-0.4, 0.3, -0.2], Intrinsics(40, 37, 22, 15), GRID)
    depth = rng.uniform(0.5, 6, IMG_SIZE) * (rng.random(IMG_SIZE) < 0.9)
    size = (30, 41)
    found = voxel_visibility(depth, view, size, SAMPLES)
    free, outside = slow_visibility(depth, view, size)
    np.testing.assert_array_equal(found.outside, outside)
    np.testing.assert_array_equal(found.free, free)
    assert free.any() and outside.any()
