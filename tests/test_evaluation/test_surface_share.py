import numpy as np
import pytest

from cleaners.evaluation.functional.surface_share import surface_share


def test_points_within_one_voxel_count():
    points, scene = np.zeros((2, 6, 5, 7), dtype=int)
    points[0, 0, 0], points[5, 4, 6], points[3, 3, 3] = 6, 1, 3
    scene[1, 1, 1] = 4  # by a corner
    assert surface_share(points, scene) == pytest.approx(60)
    scene[3, 3, 3] = 1
    assert surface_share(points, scene) == pytest.approx(90)
    scene[5, 4, 4] = 1  # two voxels away
    assert surface_share(points, scene) == pytest.approx(90)


def test_it_equals_a_loop_over_the_points():
    rng = np.random.default_rng(0)
    points = rng.poisson(0.3, (5, 6, 4))
    scene = (rng.random(points.shape) < 0.05) * 3
    near = total = 0
    occupied = np.argwhere(scene)
    for voxel in np.argwhere(points):
        total += points[tuple(voxel)]
        if (abs(occupied - voxel).max(axis=1) <= 1).any():
            near += points[tuple(voxel)]
    assert surface_share(points, scene) == pytest.approx(100 * near / total)


def test_without_points_there_is_no_share():
    nothing = np.zeros((2, 2, 2), dtype=int)
    assert surface_share(nothing, nothing + 1) == 0
