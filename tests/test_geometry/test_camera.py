import numpy as np
import pytest

from cleaners.geometry.camera import (
    Intrinsics,
    check_depth,
    check_intrinsics,
    pixel_rays,
)


class TestIntrinsics:
    def test_rays_project_back(self):
        intrinsics = Intrinsics(11.0, 7.0, 2.5, 1.0)
        rays = pixel_rays(intrinsics, (3, 5))
        assert rays.shape == (15, 3)
        pixels = 4.2 * rays @ intrinsics.cam2img.T
        pixels = pixels[:, :2] / pixels[:, 2:]
        np.testing.assert_allclose(pixels[1 * 5 + 4], [4, 1])
        np.testing.assert_allclose(rays[1 * 5 + 4], [1.5 / 11, 0, 1])


class TestCheckIntrinsics:
    # real ones: NYU, SUN RGB-D, TUM RGB-D, YCB-Video's second camera (cut
    # from a larger image), a RealSense, a phone's, KITTI, a wide Azure Kinect
    @pytest.mark.parametrize(
        'numbers,size',
        [
            ((518.86, 519.47, 325.58, 253.74), (480, 640)),
            ((520.53, 520.74, 277.93, 215.12), (427, 561)),
            ((529.5, 529.5, 365.0, 265.0), (530, 730)),
            ((517.3, 516.5, 318.6, 255.3), (480, 640)),
            ((1077.84, 1078.19, 323.79, 279.69), (480, 640)),
            ((618.02, 618.0, 312.38, 232.38), (480, 640)),
            ((1595.4, 1595.4, 957.2, 717.6), (1440, 1920)),
            ((721.54, 721.54, 609.56, 172.85), (375, 1242)),
            ((252.4, 252.3, 255.9, 257.1), (512, 512)),
        ],
    )
    def test_real_cameras(self, numbers, size):
        check_intrinsics(Intrinsics(*numbers), size)

    @pytest.mark.parametrize(
        'numbers,size,message',
        [
            (
                (529.5, 529.5, 365.0, 265.0),
                (265, 365),
                '365, 265.* far from the '
                'middle of a photo of 265 x 365 .* about 530 x 730; scale it',
            ),
            ((264.7, 264.7, 182.3, 132.3), (530, 730), 'about 265 x 365;'),
            ((518.86, 518.86, 320.0, 240.0), (640, 480), 'about 480 x 640;'),
            ((518.86, 518.86, 319.5, 239.5), (960, 1280), 'about 480 x 640;'),
            ((1170.2, 1170.2, 647.8, 483.8), (480, 640), 'about 968 x 1296;'),
            ((910.0, 910.0, 640.0, 360.0), (960, 1280), 'about 720 x 1280;'),
            ((518.86, 519.47, 325.58, 253.74), (427, 561), 'about 508 x 652;'),
            ((529.5, 529.5, 0.0, 0.0), (530, 730), 'in pixels of the photo'),
            ((0.725, 1.0, 0.5, 0.5), (530, 730), 'in pixels of the photo'),
            ((5295.0, 5295.0, 365.0, 265.0), (530, 730), 'view of 6 x 8 degrees'),
            ((50.0, 50.0, 365.0, 265.0), (530, 730), 'view of 159 x 164 degrees'),
        ],
    )
    def test_refusals(self, numbers, size, message):
        with pytest.raises(ValueError, match=message):
            check_intrinsics(Intrinsics(*numbers), size)


@pytest.mark.parametrize('shape, told', [((9,), '9'), ((2, 3), '2 x 3'), ((), 'a n')])
def test_a_matrix_of_another_shape_is_refused(shape, told):
    with pytest.raises(ValueError, match=f'3 x 3 or larger, but got {told}'):
        Intrinsics.from_matrix(np.ones(shape))


@pytest.mark.parametrize(
    'depth,match',
    [
        (np.zeros(4), r'should be \(H, W\)'),
        (np.array([[1.0, np.nan]]), '1 pixels'),
        (np.array([[np.inf, -1.0]]), '2 pixels'),
    ],
)
def test_check_depth_refusals(depth, match):
    with pytest.raises(ValueError, match=match):
        check_depth(depth)
