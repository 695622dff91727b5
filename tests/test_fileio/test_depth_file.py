import cv2
import numpy as np
import pytest

from cleaners.fileio.depth_file import (decode_depth, encode_depth,
                                        read_depth_png)


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
        np.testing.assert_array_equal(read_depth_png(path), depth)
        with pytest.raises(ValueError, match=r'depth.png.*\(480, 640\)'):
            read_depth_png(path, (480, 640))

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
