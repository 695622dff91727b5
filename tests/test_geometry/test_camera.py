import cv2
import numpy as np
import pytest

from cleaners.geometry.camera import (NYU_CALIBRATED_INTRINSICS,
                                      NYU_INTRINSICS, Intrinsics, check_depth,
                                      decode_depth, encode_depth, pixel_rays,
                                      read_depth_png)


class TestIntrinsics:

    def test_nyu(self):
        np.testing.assert_array_equal(
            NYU_INTRINSICS.cam2img,
            [[518.8579, 0, 320], [0, 518.8579, 240], [0, 0, 1]])
        assert NYU_CALIBRATED_INTRINSICS == (518.8579, 519.4696, 325.58,
                                             253.74)

    def test_rays_project_back(self):
        intrinsics = Intrinsics(11., 7., 2.5, 1.)
        rays = pixel_rays(intrinsics, (3, 5))
        assert rays.shape == (15, 3)
        pixels = 4.2 * rays @ intrinsics.cam2img.T
        pixels = pixels[:, :2] / pixels[:, 2:]
        np.testing.assert_allclose(pixels[1 * 5 + 4], [4, 1])
        np.testing.assert_allclose(rays[1 * 5 + 4], [1.5 / 11, 0, 1])


class TestDepthCode:

    def test_known_values(self):
        # bits rotated left by three: 8192 mm = 1 << 13 becomes 1
        raw = np.array([[0, 8, 1, 0xFFFF]], dtype=np.uint16)
        np.testing.assert_array_equal(
            decode_depth(raw), [[0, 1, 8192, 0xFFFF]])

    def test_round_trip(self):
        depth = np.arange(65536, dtype=np.uint16).reshape(256, 256)
        np.testing.assert_array_equal(decode_depth(encode_depth(depth)), depth)


class TestReadDepthPng:

    def test_reads(self, tmp_path):
        depth = np.array([[0, 1500], [3448, 9001]], dtype=np.uint16)
        path = tmp_path / 'depth.png'
        cv2.imwrite(str(path), encode_depth(depth))
        np.testing.assert_array_equal(read_depth_png(path, (2, 2)), depth)
        np.testing.assert_array_equal(read_depth_png(path, None), depth)
        with pytest.raises(ValueError, match=r'depth.png.*\(480, 640\)'):
            read_depth_png(path)

    def test_missing(self, tmp_path):
        with pytest.raises(FileNotFoundError, match='none.png'):
            read_depth_png(tmp_path / 'none.png')

    @pytest.mark.parametrize('content', [b'', b'no picture'])
    def test_unreadable(self, tmp_path, content):
        path = tmp_path / 'depth.png'
        path.write_bytes(content)
        with pytest.raises(ValueError, match='depth.png: not a readable'):
            read_depth_png(path)

    def test_colour_image(self, tmp_path):
        path = tmp_path / 'photo.png'
        cv2.imwrite(str(path), np.zeros((2, 2, 3), dtype=np.uint8))
        with pytest.raises(ValueError, match='photo.png.*one channel'):
            read_depth_png(path)

    def test_nyu_frame(self, nyu_frame_dir):
        depth = read_depth_png(nyu_frame_dir / 'NYU0003_0000.png')
        assert (depth == 0).sum() == 18947
        assert depth.max() == 3448


@pytest.mark.parametrize('depth,match', [
    (np.zeros(4), r'should be \(H, W\)'),
    (np.array([[1., np.nan]]), '1 pixels'),
    (np.array([[np.inf, -1.]]), '2 pixels'),
])
def test_check_depth_refusals(depth, match):
    with pytest.raises(ValueError, match=match):
        check_depth(depth)
