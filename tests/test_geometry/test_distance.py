import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from cleaners.geometry.distance import squared_distance


class TestSquaredDistance:
    @pytest.mark.parametrize('fraction', [1e-4, 3e-3, 0.2])
    @pytest.mark.parametrize('radius', [1, 5, 12])
    def test_against_scipy(self, fraction, radius):
        rng = np.random.default_rng(0)
        surface = rng.random((37, 24, 41)) < fraction
        surface[30, 20, 3] = True
        expected = np.rint(distance_transform_edt(~surface) ** 2)
        np.testing.assert_array_equal(
            squared_distance(surface, radius), np.minimum(expected, radius**2)
        )

    def test_no_surface(self):
        surface = np.zeros((3, 4, 5), dtype=bool)
        assert (squared_distance(surface, 3) == 9).all()

    def test_large_radius(self):
        surface = np.zeros((2, 3, 250), dtype=bool)
        surface[0, 0, 0] = True
        distance = squared_distance(surface, 181)
        assert distance[1, 2, 180] == 180**2 + 5
        assert distance[0, 0, 249] == 181**2

    def test_refusals(self):
        with pytest.raises(ValueError, match='3D array of bool'):
            squared_distance(np.zeros((3, 4), dtype=bool), 3)
        with pytest.raises(ValueError, match='radius'):
            squared_distance(np.zeros((3, 4, 5), dtype=bool), 182)
