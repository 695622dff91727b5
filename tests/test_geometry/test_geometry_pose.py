import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.fileio.nyu_bin import read_nyu_header
from cleaners.geometry.pose import check_pose, face_forward, place_box
from cleaners.synth.pose import make_view


def test_the_origin_of_the_release_follows_from_its_pose(nyu_frame_dir):
    origin, pose = read_nyu_header(nyu_frame_dir / 'NYU0003_0000.bin')
    view = place_box(pose.astype(np.float64), nyu.INTRINSICS, nyu.FINE_GRID)
    np.testing.assert_allclose(view.voxel_origin, origin, atol=1e-6)


@pytest.mark.parametrize('quarters', range(4))
def test_face_forward(quarters):
    pose = make_view(1.2, 10.0, 30.0).cam2world
    quarter = np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    turned = np.linalg.matrix_power(quarter, quarters) @ pose
    np.testing.assert_allclose(face_forward(turned), pose, atol=1e-6)


@pytest.mark.parametrize(
    'value,match',
    [
        (np.eye(3), '4 x 4 finite'),
        (np.diag([1.0, 1.0, -1.0, 1.0]), 'a rotation and a translation'),
        (np.full((4, 4), np.nan), '4 x 4 finite'),
    ],
)
def test_refusals(value, match):
    with pytest.raises(ValueError, match=match):
        check_pose(value)
