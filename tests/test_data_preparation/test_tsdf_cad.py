import numpy as np
import pytest

from cleaners.data_preparation.profile import SKETCH
from cleaners.data_preparation.tsdf_cad import clean_depth, make_clean_frame
from cleaners.datasets import nyu
from cleaners.geometry.voxel_grid import GridView, downsample_labels


def correlation(first, second):
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


@pytest.fixture(scope='module')
def room_mapping(room):
    return SKETCH.sensor_volumes(room.depth_mm, room.view).mapping


class TestMakeCleanFrame:
    def test_fine_labels(self, room, room_mapping):
        frame = make_clean_frame(room_mapping, room.labels, nyu.INTRINSICS, SKETCH)
        truth = SKETCH.clean_volumes(room.cad_depth_mm, room.view).tsdf
        assert frame.pose.hit_share == 1
        assert correlation(frame.tsdf, truth) > 0.999
        difference = frame.depth_mm.astype(int) - room.cad_depth_mm
        assert np.median(np.abs(difference)) <= 2

    def test_coarse_labels(self, room, room_mapping):
        label = downsample_labels(
            room.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX
        )
        frame = make_clean_frame(
            room_mapping, label.ravel().astype(np.int32), nyu.INTRINSICS, SKETCH
        )
        assert frame.tsdf.shape == (60, 36, 60)
        assert frame.tsdf.dtype == np.float32
        truth = SKETCH.clean_volumes(room.cad_depth_mm, room.view).tsdf
        assert correlation(frame.tsdf, truth) > 0.9

    def test_nyu_frame(self, nyu_frame, nyu_3dsketch_dir):
        arrays = []
        for key in ('Mapping', 'Label'):
            with np.load(nyu_3dsketch_dir / key / '0003.npz') as file:
                arrays.append(file['arr_0'])
        frame = make_clean_frame(*arrays, SKETCH.intrinsics, SKETCH)
        scene = nyu_frame.scene
        view = GridView(
            scene.cam2world, scene.voxel_origin, SKETCH.intrinsics, nyu.FINE_GRID
        )
        truth = SKETCH.clean_volumes(clean_depth(nyu_frame.labels, view), view).tsdf
        sensor = SKETCH.sensor_volumes(
            np.rint(1000 * nyu_frame.depth).astype(np.uint16), view
        ).tsdf
        assert correlation(frame.tsdf, truth) > 0.92
        assert correlation(sensor, truth) < 0.9

    def test_refuses_another_grid(self, room, room_mapping):
        with pytest.raises(ValueError, match=r'label should be \(60, 36, 60'):
            make_clean_frame(
                room_mapping, np.zeros((36, 60, 60, 2), int), nyu.INTRINSICS, SKETCH
            )
