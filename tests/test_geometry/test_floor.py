"""Which layer of level surface is the floor."""

import numpy as np
import pytest

from cleaners.geometry.floor import find_floor
from cleaners.geometry.surface import Surface

DOWN = np.array([0.0, 1.0, 0.0])


def samples(drop, number, normal=(0.0, -1.0, 0.0), is_sunken=False, seed=0):
    """Samples at a height below the camera, and all around in front."""
    rng = np.random.default_rng(seed)
    points = rng.uniform((-1.0, drop, 1.0), (1.0, drop, 4.0), (number, 3))
    return Surface(points, np.tile(normal, (number, 1)), np.full(number, is_sunken))


def join(*parts):
    return Surface(*map(np.concatenate, zip(*parts)))


WALL = join(
    *(
        samples(drop, 100, (0.0, 0.0, -1.0), seed=n)
        for n, drop in enumerate(np.arange(-1.0, 0.7, 0.1))
    )
)


def test_the_floor_is_below_the_table():
    found = find_floor(join(WALL, samples(0.6, 300), samples(1.3, 60)), DOWN)
    assert found.height == pytest.approx(1.3, abs=1e-6)
    assert found.share == pytest.approx(60 / 2060)


@pytest.mark.parametrize('share', [0.05, 0.3])
def test_a_mirror_image_below_the_floor_does_not_count(share):
    floor = samples(1.3, round(1700 * share / (1 - share)))
    image = samples(2.34, 30, is_sunken=True)
    found = find_floor(join(WALL, floor, image), DOWN)
    assert found.height == pytest.approx(1.3, abs=1e-6)
    # were it no patch with a rim, it would be the floor
    gap = image._replace(is_sunken=~image.is_sunken)
    found = find_floor(join(WALL, floor, gap), DOWN)
    assert found.height == pytest.approx(2.34, abs=1e-6)


def test_without_a_floor_the_lowest_samples_stand_for_it():
    found = find_floor(join(WALL, samples(0.6, 300), samples(0.9, 10)), DOWN)
    assert found.height == pytest.approx(0.9)
    assert found.share == 0


def test_a_large_floor_says_what_is_level():
    slope = np.deg2rad(2)
    floor = samples(1.3, 2000)
    turn = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.cos(slope), -np.sin(slope)],
            [0.0, np.sin(slope), np.cos(slope)],
        ]
    )
    # turned about the camera: height and share stay
    tilted = floor._replace(
        points=floor.points @ turn.T, normals=floor.normals @ turn.T
    )
    found = find_floor(join(WALL, tilted), DOWN)
    np.testing.assert_allclose(found.down, turn @ DOWN, atol=1e-9)
    assert found.height == pytest.approx(1.3, abs=1e-9)
    kept = find_floor(join(WALL, tilted), DOWN, keeps_down=True)
    np.testing.assert_array_equal(kept.down, DOWN)
    assert kept.height == pytest.approx(1.3, abs=0.1)


def test_a_depth_image_in_pieces_still_has_a_floor():
    pieces = join(WALL, samples(1.3, 60))
    pieces = pieces._replace(is_sunken=np.ones(len(pieces.points), bool))
    found = find_floor(pieces, DOWN)
    assert found.height == pytest.approx(1.3, abs=1e-6)


# noise: 2 % of the samples, a tenth lower; a floor: a few, but much lower
@pytest.mark.parametrize('drop,number,height', [(1.43, 40, 1.3), (1.9, 10, 1.9)])
def test_noise_is_less_low_than_a_floor(drop, number, height):
    below = samples(drop, number, (0.0, 0.0, -1.0))
    found = find_floor(join(WALL, samples(1.3, 400), below), DOWN)
    assert found.height == pytest.approx(height, abs=0.01)
