import numpy as np
import pytest

from cleaners.fileio.nyu_bin import NYUScene, read_nyu_bin, read_nyu_header
from cleaners.testing.nyu_files import write_nyu_bin

SHAPE = (4, 2, 3)


def read_scene(path):
    return read_nyu_bin(path, SHAPE)


@pytest.fixture
def scene():
    labels = np.random.default_rng(0).choice(
        np.array([0, 7, 36, 255], dtype=np.uint8), size=SHAPE
    )
    cam2world = np.eye(4, dtype=np.float32)
    cam2world[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    cam2world[:3, 3] = 1, 2, 3
    return NYUScene(np.float32([0.1, 0.2, 0.3]), cam2world, labels)


@pytest.fixture
def path(tmp_path, scene):
    path = tmp_path / 'NYU0001_0000.bin'
    write_nyu_bin(path, scene)
    return path


class TestNyuBin:
    def test_round_trip(self, path, scene):
        for found, expected in zip(read_nyu_bin(path, SHAPE), scene):
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)
        origin, cam2world = read_nyu_header(path)
        np.testing.assert_array_equal(origin, scene.voxel_origin)
        np.testing.assert_array_equal(cam2world, scene.cam2world)

    def test_bytes(self, path, scene):
        labels = np.repeat(np.uint8([0, 5, 255]), [4, 13, 7]).reshape(SHAPE)
        write_nyu_bin(path, scene._replace(labels=labels))
        runs = np.frombuffer(path.read_bytes(), '<u4', offset=76)
        assert runs.tolist() == [0, 4, 5, 13, 255, 7]

    def test_empty_volume_is_whole(self, path, scene):
        write_nyu_bin(path, scene._replace(labels=np.zeros(SHAPE, np.uint8)))
        assert not read_nyu_bin(path, SHAPE).labels.any()

    def test_missing(self, tmp_path):
        for read in (read_scene, read_nyu_header):
            with pytest.raises(FileNotFoundError, match='none.bin'):
                read(tmp_path / 'none.bin')

    @pytest.mark.parametrize('size', [0, 75])
    def test_cut_header(self, path, size):
        path.write_bytes(path.read_bytes()[:size])
        for read in (read_scene, read_nyu_header):
            with pytest.raises(ValueError, match=f'0001_0000.bin: truncated, {size} '):
                read(path)

    @pytest.mark.parametrize(
        'num_bytes,match',
        [
            (3, 'truncated, 5 bytes are left'),
            (8, 'truncated, its runs hold'),
        ],
    )
    def test_cut_runs(self, path, num_bytes, match):
        path.write_bytes(path.read_bytes()[:-num_bytes])
        with pytest.raises(ValueError, match=match):
            read_nyu_bin(path, SHAPE)

    @pytest.mark.parametrize(
        'tail,match',
        [
            (b'\0', 'truncated, 1 bytes'),
            (np.array([0, 1], '<u4').tobytes(), 'too long, its runs hold 25'),
            # an overflow of 32 bits must not make up for the rest
            (np.array([0, 2**32 - 1, 0, 1], '<u4').tobytes(), 'too long'),
        ],
    )
    def test_trailing_bytes(self, path, tail, match):
        path.write_bytes(path.read_bytes() + tail)
        with pytest.raises(ValueError, match=match):
            read_nyu_bin(path, SHAPE)

    @pytest.mark.parametrize('label', [37, 254])
    def test_unknown_label(self, path, scene, label):
        labels = np.full(SHAPE, label, dtype=np.uint8)
        write_nyu_bin(path, scene._replace(labels=labels))
        with pytest.raises(ValueError, match=f'unknown label {label}'):
            read_nyu_bin(path, SHAPE)

    def test_no_pose(self, path, scene):
        write_nyu_bin(path, scene._replace(cam2world=np.zeros((4, 4))))
        with pytest.raises(ValueError, match='no camera pose'):
            read_nyu_bin(path, SHAPE)

    def test_write_refuses(self, path, scene):
        with pytest.raises(ValueError, match='3D array of uint8'):
            write_nyu_bin(path, scene._replace(labels=np.zeros(SHAPE)))

    def test_nyu_frame(self, nyu_frame, nyu_frame_dir, tmp_path):
        scene, answer = nyu_frame.scene, nyu_frame.answer
        np.testing.assert_array_equal(scene.voxel_origin, answer['origin'])
        np.testing.assert_array_equal(scene.cam2world, answer['pose'])
        assert np.unique(scene.labels).tolist() == [0, 2, 3, 5, 6, 9, 20, 36, 255]
        copy = tmp_path / 'copy.bin'
        write_nyu_bin(copy, scene)
        original = nyu_frame_dir / 'NYU0003_0000.bin'
        assert copy.read_bytes() == original.read_bytes()
