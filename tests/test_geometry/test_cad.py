import numpy as np
import pytest
from tsdf_flip import flip_tsdf

from cleaners.datasets import nyu
from cleaners.geometry.cad import trace_voxels
from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.mapping import map_pixels
from cleaners.geometry.tsdf import compute_tsdf, downsample_mean
from cleaners.geometry.voxel_grid import GridView, VoxelGrid

LOOK = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
GRID = VoxelGrid((10, 6, 20), 0.1)
VIEW = GridView(LOOK, [-0.55, 1.0, -0.35], Intrinsics(40.0, 40.0, 24.0, 16.0), GRID)
IMG_SIZE = (33, 49)


class TestTraceVoxels:
    def test_wall_with_a_box(self):
        labels = np.full(GRID.shape, 255, dtype=np.uint8)
        labels[..., :15] = 0
        labels[..., 15] = 3
        labels[5, 3, 7] = 11
        hits = trace_voxels(nyu.is_occupied(labels), VIEW, IMG_SIZE)
        # the optical axis runs through the middle of column (5, 3)
        assert hits.depth_mm[16, 24] == 1750
        assert hits.voxel[16, 24] == np.ravel_multi_index((5, 3, 7), GRID.shape)
        assert hits.face[16, 24] == 4
        assert hits.depth_mm[16, 28] == 2550
        assert hits.depth_mm[16, 0] == 8000
        assert (hits.voxel[16, 0], hits.face[16, 0]) == (-1, -1)

    def test_depth_falls_back_into_the_voxel(self):
        labels = np.random.default_rng(0).choice(
            np.array([0, 255, 7], dtype=np.uint8), GRID.shape, p=[0.6, 0.3, 0.1]
        )
        hits = trace_voxels(nyu.is_occupied(labels), VIEW, IMG_SIZE)
        voxels = map_pixels(hits.depth_mm / 1000.0, VIEW)
        assert (hits.voxel >= 0).sum() > 300
        np.testing.assert_array_equal(voxels, hits.voxel)

    def test_refuses_other_grid(self):
        with pytest.raises(ValueError, match=r'occupied should be \(10, 6, 20'):
            trace_voxels(np.zeros((6, 10, 20), dtype=bool), VIEW, IMG_SIZE)

    def test_nyu_frame(self, nyu_frame):
        depth = trace_voxels(
            nyu.is_occupied(nyu_frame.labels), nyu_frame.view, nyu.IMG_SIZE
        ).depth_mm
        answer = nyu_frame.answer['cad_depth_mm']
        assert (depth == answer).mean() >= 0.999
        assert ((depth == 8000) == (answer == 8000)).mean() >= 0.9999


def test_cad_tsdf_of_nyu_frame(nyu_frame):
    answer, view = nyu_frame.answer, nyu_frame.view
    depth = answer['cad_depth_mm'] / 1000.0
    raw = compute_tsdf(depth, map_pixels(depth, view), view).raw
    flipped = flip_tsdf(raw)
    np.testing.assert_array_equal(
        flipped, answer['cad_tsdf_table'][answer['cad_tsdf_hr_flipped_code']]
    )
    for volume, key in ((raw, 'cad_tsdf_lr'), (flipped, 'cad_tsdf_lr_flipped')):
        np.testing.assert_allclose(
            downsample_mean(volume, nyu.BLOCK), answer[key], rtol=0, atol=1e-6
        )
