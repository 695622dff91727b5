import dataclasses

import numpy as np
import pytest

from cleaners.data_preparation.profile import ADASSC, SKETCH, get_profile
from cleaners.datasets import nyu
from cleaners.geometry.tsdf import occlusion_label_weights
from cleaners.geometry.voxel_grid import GridView
from cleaners.utils.errors import InputError


def sensor_of(profile, frame):
    """Volumes of the real frame under the rules of a profile."""
    view = GridView(
        frame.scene.cam2world,
        frame.scene.voxel_origin,
        profile.intrinsics,
        nyu.FINE_GRID,
    )
    depth_mm = np.rint(1000 * frame.depth).astype(np.uint16)
    return profile.sensor_volumes(depth_mm, view)


class TestSketch:
    def test_nyu_frame(self, nyu_frame, nyu_3dsketch_dir):
        files = {
            key: dict(np.load(nyu_3dsketch_dir / key / '0003.npz'))
            for key in ('Mapping', 'Label', 'TSDF')
        }
        sensor = sensor_of(SKETCH, nyu_frame)
        weight = SKETCH.label_weights(nyu_frame.label_low, sensor)
        np.testing.assert_array_equal(sensor.mapping, files['Mapping']['arr_0'])
        np.testing.assert_array_equal(
            nyu_frame.label_low.ravel(), files['Label']['arr_0']
        )
        np.testing.assert_array_equal(weight.ravel(), files['TSDF']['arr_1'])
        np.testing.assert_allclose(
            sensor.tsdf.ravel(), files['TSDF']['arr_0'], rtol=0, atol=1e-6
        )

    @pytest.mark.slow
    def test_weight_rule_of_the_release(self, nyu_3dsketch_dir):
        num_differ = num_voxels = 0
        for path in sorted((nyu_3dsketch_dir / 'TSDF').iterdir()):
            with np.load(path) as file:
                tsdf, weight = file['arr_0'], file['arr_1']
            with np.load(nyu_3dsketch_dir / 'Label' / path.name) as file:
                label = file['arr_0']
            ours = occlusion_label_weights(label, tsdf, nyu.IGNORE_INDEX)
            num_differ += (ours != weight).sum()
            num_voxels += weight.size
        assert (num_differ, num_voxels) == (0, 187790400)


class TestAdassc:
    def test_nyu_frame(self, nyu_frame):
        sensor = sensor_of(ADASSC, nyu_frame)
        weight = ADASSC.label_weights(nyu_frame.label_low, sensor)
        answer = nyu_frame.answer
        np.testing.assert_array_equal(sensor.mapping, answer['mapping_lr'])
        np.testing.assert_array_equal(weight, nyu_frame.published['weights'])
        np.testing.assert_allclose(sensor.tsdf, answer['tsdf_lr'], rtol=0, atol=1e-6)


def test_rays_that_hit_nothing(room):
    # left half: a wall 2 m away; right half: nothing
    depth_mm = np.full(nyu.IMG_SIZE, 2000, dtype=np.uint16)
    depth_mm[:, 320:] = 8000
    free = dataclasses.replace(SKETCH, miss_is_free=True)
    right = np.s_[50:, 18:24, 45:]
    assert (free.clean_volumes(depth_mm, room.view).tsdf[right] > 0.9).any()
    assert (SKETCH.clean_volumes(depth_mm, room.view).tsdf[right] == 0).all()
    assert (ADASSC.clean_volumes(depth_mm, room.view).tsdf[right] == 1).all()


def test_unknown_profile():
    assert get_profile('3dsketch') is SKETCH
    with pytest.raises(InputError, match="'scannet'.*'3dsketch', 'adassc'"):
        get_profile('scannet')
