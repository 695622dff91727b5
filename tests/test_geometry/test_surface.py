"""Planes of windows, and patches behind their rim, against slow ones."""

import numpy as np
import pytest

from cleaners.geometry.camera import Intrinsics, pixel_rays
from cleaners.geometry.surface import find_sunken, sample_surface

CAMERA = Intrinsics(130.0, 128.0, 81.0, 59.0)
IMG_SIZE = (120, 160)


def test_normals_are_those_of_a_regression_in_each_window():
    rng = np.random.default_rng(0)
    rays = pixel_rays(CAMERA, IMG_SIZE).reshape(*IMG_SIZE, 3)
    plane = np.array([0.1, 0.3, 0.5])
    inverse = rays @ plane + rng.normal(0, 0.002, IMG_SIZE)
    depth = np.where(rng.random(IMG_SIZE) < 0.8, 1 / inverse, 0.0)
    surface = sample_surface(depth, CAMERA)
    v, u = np.mgrid[: IMG_SIZE[0] : 4, : IMG_SIZE[1] : 4].reshape(2, -1)
    seen = {tuple(point): normal for point, normal in zip(*surface[:2])}
    checked = 0
    for row, column in zip(v, u):
        normal = seen.get(tuple(rays[row, column] * depth[row, column]))
        if normal is None:
            continue
        window = (
            slice(max(row - 5, 0), row + 6),
            slice(max(column - 5, 0), column + 6),
        )
        measured = depth[window] > 0
        fit = np.linalg.lstsq(
            rays[window][measured], 1 / depth[window][measured], rcond=None
        )[0]
        np.testing.assert_allclose(normal, -fit / np.linalg.norm(fit), atol=1e-9)
        checked += 1
    assert checked == len(surface.points) > 500


def test_only_the_range_of_the_tsdf_counts():
    depth = np.full(IMG_SIZE, 2.0)
    depth[:, :50] = 0.45
    depth[:, 100:] = 8.1
    surface = sample_surface(depth, CAMERA)
    u = surface.points[:, 0] / surface.points[:, 2] * CAMERA.fx + CAMERA.cx
    assert 50 <= u.min() and u.max() < 100
    np.testing.assert_allclose(surface.points[:, 2], 2)


def test_a_step_has_no_normal():
    depth = np.full(IMG_SIZE, 2.0)
    depth[:, 81:] = 3.0
    surface = sample_surface(depth, CAMERA)
    u = surface.points[:, 0] / surface.points[:, 2] * CAMERA.fx + CAMERA.cx
    assert (np.abs(u - 80.5) > 4.5).all()
    np.testing.assert_allclose(
        surface.normals, np.tile([0.0, 0.0, -1.0], (len(u), 1)), atol=1e-9
    )


def slow_sunken(depth):
    """The same by trying all squares that fit, or reach out below."""
    size = 2 * round(depth.shape[1] / 12) + 1
    level = np.zeros_like(depth)
    for top in range(depth.shape[0]):
        for left in range(depth.shape[1] - size + 1):
            square = (slice(top, top + size), slice(left, left + size))
            level[square] = np.maximum(level[square], depth[square].min())
    return depth > 1.5 * level


@pytest.mark.parametrize('seed', range(3))
def test_sunken_patches(seed):
    rng = np.random.default_rng(seed)
    depth = np.ones((30, 40)) + np.arange(30)[::-1, None] / 20
    for _ in range(6):
        top, left = rng.integers(0, (25, 35))
        height, width = rng.integers(2, 12, 2)
        depth[top : top + height, left : left + width] *= rng.choice([0.6, 1.8])
    sunken = find_sunken(depth)
    np.testing.assert_array_equal(sunken, slow_sunken(depth))
    assert 0 < sunken.mean() < 0.5


def test_holes_take_the_depth_beside_them():
    depth = np.ones((30, 40))
    depth[10:14, 10:14] = 1.8
    holes = depth.copy()
    holes[::2, ::3] = 0
    np.testing.assert_array_equal(
        find_sunken(holes)[holes > 0], find_sunken(depth)[holes > 0]
    )
    assert find_sunken(depth).sum() == 16
    # a large hole does not make a patch larger
    holes = depth.copy()
    holes[10:14, 14:30] = 0
    assert find_sunken(holes)[10:14, 10:14].all()
    assert not find_sunken(np.zeros((30, 40))).any()
