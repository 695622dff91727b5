import numpy as np
import pytest

from cleaners.geometry.camera import Intrinsics, check_depth, pixel_rays


class TestIntrinsics:

    def test_rays_project_back(self):
        intrinsics = Intrinsics(11., 7., 2.5, 1.)
        rays = pixel_rays(intrinsics, (3, 5))
        assert rays.shape == (15, 3)
        pixels = 4.2 * rays @ intrinsics.cam2img.T
        pixels = pixels[:, :2] / pixels[:, 2:]
        np.testing.assert_allclose(pixels[1 * 5 + 4], [4, 1])
        np.testing.assert_allclose(rays[1 * 5 + 4], [1.5 / 11, 0, 1])


@pytest.mark.parametrize('depth,match', [
    (np.zeros(4), r'should be \(H, W\)'),
    (np.array([[1., np.nan]]), '1 pixels'),
    (np.array([[np.inf, -1.]]), '2 pixels'),
])
def test_check_depth_refusals(depth, match):
    with pytest.raises(ValueError, match=match):
        check_depth(depth)
