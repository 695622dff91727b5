"""Broken files give a valid result or one clear error, never a crash.

CLEANERS_FUZZ_EXAMPLES sets how many of each kind are tried.
"""

import io
import os
import resource
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaners.fileio.camera_file import read_intrinsics
from cleaners.fileio.depth_file import decode_depth_file, encode_depth, read_depth_png
from cleaners.fileio.image_file import decode_photo, encode_png
from cleaners.fileio.npz_file import encode_npz, read_npz
from cleaners.fileio.nyu_bin import NYUScene, read_nyu_bin
from cleaners.testing.nyu_files import write_nyu_bin

SHAPE = (6, 4, 5)
NUM_BYTES = 2 * 2**30
EXAMPLES = int(os.environ.get('CLEANERS_FUZZ_EXAMPLES', 150))
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def memory_limit():
    """Asking for another 2 GB fails."""
    with open('/proc/self/statm', encoding='ascii') as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + NUM_BYTES, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


@st.composite
def mutations(draw, content):
    """A valid file with some bytes changed, cut, doubled or put in."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        where = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(['set', 'cut', 'insert', 'repeat']))
        if kind == 'set':
            data[where : where + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == 'cut':
            del data[where : where + draw(st.integers(1, 64))]
        elif kind == 'insert':
            data[where:where] = draw(st.binary(max_size=16))
        else:
            data[where:where] = data[where : where + 32]
    return bytes(data)


def files(content):
    return st.one_of(mutations(content), st.binary(max_size=300))


def bin_file():
    labels = np.random.default_rng(0).choice(
        np.array([0, 7, 36, 255], dtype=np.uint8), SHAPE
    )
    path = '/dev/shm' if os.path.isdir('/dev/shm') else '/tmp'
    path = os.path.join(path, f'fuzz_{os.getpid()}.bin')
    write_nyu_bin(path, NYUScene(np.zeros(3), np.eye(4), labels))
    with open(path, 'rb') as file:
        content = file.read()
    os.remove(path)
    return content


DEPTH = np.random.default_rng(1).integers(0, 9000, (7, 9)).astype(np.uint16)
DEPTH_PNG = encode_png(encode_depth(DEPTH))
PHOTO_JPG = cv2.imencode('.jpg', np.full((9, 8, 3), 90, np.uint8))[1].tobytes()
METRES = DEPTH / np.float32(1000)
DEPTH_TIFF = cv2.imencode('.tiff', METRES)[1].tobytes()
YAML = b"""image_width: 640
image_height: 480
camera_matrix: !!opencv-matrix
  rows: 3
  data: [525., 0., 320.5, 0., 526., 239.5, 0., 0., 1.]
"""
JSON = (
    b'{"width": 640, "height": 480, "K": [[525, 0, 320.5], [0, 526, 2e2], [0, 0, 1]]}'
)
NPZ = encode_npz([np.linspace(-1, 1, 120, dtype=np.float32)])


def told_clearly(error, path):
    message = str(error)
    assert str(path) in message and len(message.splitlines()) == 1


@fuzz
@given(content=files(bin_file()))
def test_bin(tmp_path, content):
    path = tmp_path / 'frame.bin'
    path.write_bytes(content)
    try:
        scene = read_nyu_bin(path, SHAPE)
    except ValueError as error:
        told_clearly(error, path)
    else:
        assert scene.labels.shape == SHAPE
        assert np.isin(scene.labels, [*range(37), 255]).all()
        assert np.isfinite(scene.cam2world).all()


@fuzz
@given(content=files(DEPTH_PNG))
def test_depth_png(tmp_path, content):
    path = tmp_path / 'depth.png'
    path.write_bytes(content)
    try:
        depth = read_depth_png(path, None)
    except ValueError as error:
        told_clearly(error, path)
    else:
        assert depth.ndim == 2 and depth.dtype == np.uint16


@st.composite
def depth_files(draw):
    """A file of one of the other kinds, and its ending."""
    stream = io.BytesIO()
    np.save(stream, METRES)
    return draw(
        st.one_of(
            st.tuples(st.just('.npy'), files(stream.getvalue())),
            st.tuples(st.just('.tiff'), files(DEPTH_TIFF)),
        )
    )


@fuzz
@pytest.mark.filterwarnings('ignore::UserWarning')
@given(file=depth_files())
def test_depth_file(file):
    path = 'depth' + file[0]
    try:
        stored = decode_depth_file(path, file[1])
    except ValueError as error:
        told_clearly(error, path)
    else:
        assert stored.ndim == 2 and stored.dtype.kind in 'iuf'


@fuzz
@given(
    file=st.one_of(
        st.tuples(st.just('.yaml'), files(YAML)),
        st.tuples(st.just('.json'), files(JSON)),
        st.tuples(st.just('.txt'), files(b'525 0 320 0 526 240 0 0 1')),
    )
)
def test_camera_file(tmp_path, file):
    path = tmp_path / ('camera' + file[0])
    path.write_bytes(file[1])
    try:
        camera = read_intrinsics(str(path), 'f0')
    except ValueError as error:
        told_clearly(error, path)
    else:
        assert np.isfinite(camera.intrinsics).all()
        assert min(camera.intrinsics[:2]) > 0


@fuzz
@given(
    content=st.one_of(
        files(PHOTO_JPG), files(encode_png(np.full((5, 6, 3), 7, np.uint8)))
    )
)
def test_photo(content):
    try:
        photo = decode_photo('photo.x', content)
    except ValueError as error:
        told_clearly(error, 'photo.x')
    else:
        assert photo.shape[2:] == (3,) and photo.dtype == np.uint8


@fuzz
@given(content=files(NPZ))
def test_npz(tmp_path, content):
    path = tmp_path / 'a.npz'
    path.write_bytes(content)
    try:
        array = read_npz(path, 'arr_0', 120)
    except ValueError as error:
        told_clearly(error, path)
    else:
        assert array.shape == (120,) and array.dtype.kind in 'biuf'


def test_a_png_that_claims_to_be_huge(tmp_path):
    data = bytearray(DEPTH_PNG)
    data[16:24] = struct.pack('>2I', 9000, 9000)
    data[29:33] = struct.pack('>I', zlib.crc32(bytes(data[12:29])))
    path = tmp_path / 'huge.png'
    path.write_bytes(data)
    with pytest.raises(ValueError, match='huge.png.*9000 x 9000 pixels'):
        read_depth_png(path)


def test_a_bin_that_is_huge(tmp_path):
    path = tmp_path / 'huge.bin'
    with path.open('wb') as file:
        file.truncate(4 * 2**30)
    with pytest.raises(ValueError, match='huge.bin: too long'):
        read_nyu_bin(path, (240, 144, 240))
