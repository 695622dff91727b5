import numpy as np
import pytest

from cleaners.fileio.occupancy_file import write_occupancy


def test_what_is_written_is_read(tmp_path):
    label = np.arange(24).reshape(2, 3, 4)
    label[-1, -1, -1] = 255
    confidence = np.linspace(0, 1, 24).reshape(2, 3, 4)
    path = tmp_path / 'new' / 'scene.npz'
    write_occupancy(path, label, confidence, (1, 2.5, -0.05), 0.1, 'map')
    with np.load(path) as file:
        assert set(file) == {'label', 'confidence', 'origin', 'resolution', 'frame'}
        assert file['label'].dtype == np.uint8
        np.testing.assert_array_equal(file['label'], label)
        assert file['confidence'].dtype == np.float32
        np.testing.assert_allclose(file['confidence'], confidence, atol=1e-7)
        assert file['origin'].tolist() == [1, 2.5, -0.05]
        assert float(file['resolution']) == 0.1
        assert str(file['frame']) == 'map'


def test_of_a_frame_the_camera_is_written_too(tmp_path):
    pose, intrinsics = np.diag([1.0, -1, -1, 1]), np.diag([525.0, 525, 1])
    pose[:3, 3] = 0, 0, 1.3
    label = np.zeros((2, 3, 4), int)
    path = tmp_path / 'scene.npz'
    write_occupancy(
        path, label, label * 1.0, (0, 0, 0), cam2world=pose, cam2img=intrinsics
    )
    with np.load(path) as file:
        np.testing.assert_array_equal(file['cam2world'], pose)
        np.testing.assert_array_equal(file['cam2img'], intrinsics)


@pytest.mark.parametrize(
    'confidence, origin, message',
    [
        (np.ones((2, 2, 1)), (0, 0, 0), 'confidence has the grid'),
        (np.ones((2, 2, 2)), (0, 0), 'three numbers'),
    ],
)
def test_refuses(tmp_path, confidence, origin, message):
    with pytest.raises(ValueError, match=message):
        write_occupancy(tmp_path / 'a.npz', np.ones((2, 2, 2), int), confidence, origin)
    assert not list(tmp_path.iterdir())
