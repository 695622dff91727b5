import io
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from cleaners.fileio.depth_file import (
    decode_depth,
    decode_depth_file,
    encode_depth,
    read_depth_png,
)
from cleaners.fileio.image_file import encode_png


class TestDepthCode:
    def test_known_values(self):
        # bits rotated left by three: 8192 mm = 1 << 13 becomes 1
        raw = np.array([[0, 8, 1, 0xFFFF]], dtype=np.uint16)
        np.testing.assert_array_equal(decode_depth(raw), [[0, 1, 8192, 0xFFFF]])

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


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def tiff(array, **kwargs):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, 'TIFF', **kwargs)
    return stream.getvalue()


@pytest.fixture
def exr(monkeypatch):
    """Encode OpenEXR, which OpenCV does not unless it is told to."""
    monkeypatch.setenv('OPENCV_IO_ENABLE_OPENEXR', '1')
    return lambda array: cv2.imencode('.exr', array)[1].tobytes()


def test_exr_is_decoded_without_being_told_to(exr, tmp_path):
    """OpenCV asks the environment, once in a process."""
    (tmp_path / 'a.exr').write_bytes(exr(np.full((2, 3), 1.5, np.float32)))
    script = (
        'import sys\n'
        'from pathlib import Path\n'
        'from cleaners.fileio.depth_file import decode_depth_file\n'
        'path = Path(sys.argv[1])\n'
        'assert (decode_depth_file(path, path.read_bytes()) == 1.5).all()\n'
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith('OPENCV_IO')}
    command = [sys.executable, '-c', script, str(tmp_path / 'a.exr')]
    subprocess.run(command, env=env, check=True)


METRES = np.array([[0, 1.5, np.nan], [np.inf, 2.25, 7.0]], dtype=np.float32)
MM = np.array([[0, 1500, 65535], [1, 2250, 7000]], dtype=np.uint16)


class TestDecodeDepthFile:
    @pytest.mark.parametrize(
        'name,content,expected',
        [
            ('a.png', encode_png(MM), MM),
            ('a.PNG', encode_png(MM), MM),
            ('a.npy', npy(MM), MM),
            ('a.npy', npy(MM.astype('>i4')), MM.astype(np.int32)),
            ('a.npy', npy(METRES), METRES),
            ('a.npy', npy(np.asfortranarray(METRES)), METRES),
            ('a.npy', npy(METRES[..., None]), METRES),
            ('a.npy', npy(METRES[None].astype(float)), METRES.astype(float)),
            ('a.tif', tiff(MM), MM),
            ('a.tiff', tiff(METRES), METRES),
            ('a.tiff', tiff(METRES, compression='tiff_lzw'), METRES),
        ],
    )
    def test_kinds(self, name, content, expected):
        stored = decode_depth_file(name, content)
        assert stored.dtype == expected.dtype
        np.testing.assert_array_equal(stored, expected)

    @pytest.mark.parametrize('channels', [1, 3, 4])
    def test_exr(self, exr, channels):
        image = np.dstack([METRES] * min(channels, 3))
        if channels == 4:
            image = np.dstack([image, np.ones_like(METRES)])
        np.testing.assert_array_equal(decode_depth_file('a.exr', exr(image)), METRES)

    def test_exr_of_colours(self, exr):
        image = np.dstack([METRES, METRES, METRES + 1])
        with pytest.raises(ValueError, match='a.exr: .* one channel .*float'):
            decode_depth_file('a.exr', exr(image))

    def test_exr_that_claims_to_be_huge(self, exr):
        content = exr(METRES)
        where = content.index(b'dataWindow\0box2i\0') + 21
        huge = np.array([0, 0, 39999, 24999], '<i4').tobytes()
        with pytest.raises(ValueError, match='40000 x 25000 pixels'):
            decode_depth_file('a.exr', content[:where] + huge + content[where + 16 :])

    def test_npy_that_claims_to_be_huge(self):
        header = npy(np.zeros((10, 10), np.float32))
        content = header.replace(b'(10, 10)', b'(99999, 99999)')
        with pytest.raises(ValueError, match='99999 x 99999 pixels'):
            decode_depth_file('a.npy', content)

    @pytest.mark.parametrize(
        'name,content,message',
        [
            ('a.raw', b'', 'should be one of .png, .npy, .tif, .tiff, .exr'),
            (
                'a.png',
                encode_png(np.zeros((2, 3, 3), np.uint8)),
                'one channel of integers of 16 bits .* but got uint8',
            ),
            ('a.npy', npy(MM.astype(np.uint8)), 'but got uint8'),
            ('a.npy', npy(MM > 0), 'but got bool'),
            ('a.npy', npy(np.stack([MM] * 3, -1)), r'uint16 of \(2, 3, 3\)'),
            ('a.npy', npy(MM * 1j), 'an array of complex128'),
            ('a.npy', npy(np.array([dict(a=1)])), 'an array of object'),
            ('a.npy', npy(METRES)[:-1], 'not a readable .npy file'),
            ('a.tiff', tiff(METRES)[:-30], 'not a readable TIFF'),
            ('a.tiff', b'II*', 'not a readable TIFF'),
            ('a.exr', b'no picture', 'not an OpenEXR file'),
            # OpenCV would decode it, whatever its size
            ('a.exr', cv2.imencode('.png', np.ones((4, 4)))[1].tobytes(), 'OpenEXR'),
        ],
    )
    @pytest.mark.filterwarnings('ignore:Corrupt EXIF data')
    def test_refusals(self, name, content, message):
        with pytest.raises(ValueError, match=f'{name}: .*{message}') as error:
            decode_depth_file(name, content)
        assert '\n' not in str(error.value)
