"""Gravity and heading of known normals."""

import numpy as np
import pytest

from cleaners.geometry.room_axes import (
    check_gravity,
    estimate_gravity,
    estimate_heading,
)
from cleaners.geometry.surface import Surface


def seen(normals, depth=2.0):
    points = np.tile([0.0, 0.0, depth], (len(normals), 1))
    return Surface(points, normals, np.zeros(len(normals), bool))


def test_gravity_and_heading_of_known_normals():
    level = np.tile([0.0, -1.0, 0.0], (300, 1))
    wall = np.tile([np.sin(0.3), 0.0, -np.cos(0.3)], (300, 1))
    normals = np.concatenate([level, wall])
    down = estimate_gravity(seen(normals))
    np.testing.assert_allclose(down, [0, 1, 0], atol=1e-9)
    right, forward = estimate_heading(normals, down)
    np.testing.assert_allclose(forward, [-np.sin(0.3), 0, np.cos(0.3)], atol=1e-6)
    np.testing.assert_allclose(np.cross(right, down), forward, atol=1e-9)
    # without walls the optical axis leads
    right, forward = estimate_heading(level, down)
    np.testing.assert_allclose(forward, [0, 0, 1], atol=1e-9)


def test_near_normals_count_more():
    slope = np.deg2rad(1)
    near = seen(np.tile([0.0, -1.0, 0.0], (300, 1)), depth=1.0)
    far = seen(np.tile([0.0, -np.cos(slope), -np.sin(slope)], (300, 1)), depth=4.0)
    both = Surface(*map(np.concatenate, zip(near, far)))
    down = estimate_gravity(both)
    # the mean direction, with weights of 16 to 1
    assert np.rad2deg(np.arctan2(down[2], down[1])) == pytest.approx(1 / 17, rel=0.01)


def test_the_start_decides_between_a_wall_and_a_steep_floor():
    steep = np.deg2rad(60)
    level = np.tile([0.0, -np.cos(steep), -np.sin(steep)], (300, 1))
    # a wall: as near to the camera's y axis as its normal lets it be
    down = estimate_gravity(seen(level))
    np.testing.assert_allclose(down, [0, np.sin(steep), -np.cos(steep)], atol=1e-6)
    down = estimate_gravity(seen(level), (0.0, 0.5, np.sqrt(0.75)))
    np.testing.assert_allclose(down, -level[0], atol=1e-9)


@pytest.mark.parametrize('value', [[0, 0, 0], [1, 0], [np.nan, 1, 0]])
def test_refusals(value):
    with pytest.raises(ValueError, match='a direction of three numbers'):
        check_gravity(value)


def test_noisy_walls_share_one_heading():
    errors = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        # two walls at right angles, and clutter
        angle = np.deg2rad(
            np.concatenate(
                [
                    rng.normal(10, 13, 2500),
                    rng.normal(100, 13, 500),
                    rng.uniform(0, 360, 300),
                ]
            )
        )
        normals = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=-1)
        forward = estimate_heading(normals, np.array([0.0, 1.0, 0.0]))[1]
        errors.append(np.rad2deg(np.arctan2(forward[0], forward[2])) - 10)
    # 1.2 if only votes within a few degrees count
    assert np.sqrt(np.mean(np.square(errors))) < 0.7
