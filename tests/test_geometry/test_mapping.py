import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.mapping import map_pixels, mapping_to_image, voxel_mapping
from cleaners.geometry.voxel_grid import GridView, VoxelGrid

# looks along world Y, the depth axis; camera y is -Z
LOOK = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
GRID = VoxelGrid((8, 4, 12), 0.5)
VIEW = GridView(LOOK, [-2.0, 1.0, -1.0], Intrinsics(4.0, 2.0, 2.0, 1.0), GRID)


class TestMapPixels:
    def test_one_pixel_by_hand(self):
        depth = np.zeros((3, 5))
        # camera (0.75, 0.75, 3) -> world (0.75, 3, -0.75)
        # -> minus origin (2.75, 2, 1) -> voxel (5, 2, 4)
        depth[2, 3] = 3.0
        view = GridView(LOOK, [-2.0, 1.0, -1.75], Intrinsics(4.0, 4.0, 2.0, 1.0), GRID)
        voxels = map_pixels(depth, view)
        assert voxels[2, 3] == np.ravel_multi_index((5, 2, 4), GRID.shape)
        assert (np.delete(voxels.ravel(), 2 * 5 + 3) == -1).all()

    def test_outside_of_the_grid(self):
        depth = np.full((3, 5), 20.0)
        assert (map_pixels(depth, VIEW) == -1).all()

    def test_unmeasured_at_the_camera(self):
        # the camera stands in the box: a depth of 0 must not map to it
        view = GridView(LOOK, [-2.0, -1.0, -1.0], VIEW.intrinsics, GRID)
        assert (map_pixels(np.zeros((3, 5)), view) == -1).all()

    def test_refuses_nan(self):
        with pytest.raises(ValueError, match='1 pixels'):
            map_pixels(np.array([[np.nan, 1.0]]), VIEW)

    def test_nyu_frame(self, nyu_frame):
        difference = nyu_frame.pixel_voxel != nyu_frame.answer['mapping_hr']
        assert difference.sum() <= 5
        assert (nyu_frame.pixel_voxel >= 0).sum() == 288253
        assert len(np.unique(nyu_frame.pixel_voxel)) - 1 == 16743

    def test_float32(self, nyu_frame):
        # points so close to a cell border that the precision decides
        voxels = map_pixels(nyu_frame.depth, nyu_frame.view, np.float32)
        assert (voxels != nyu_frame.pixel_voxel).sum() == 6


class TestVoxelMapping:
    def test_last_pixel_wins(self):
        voxels = np.full((2, 3), -1)
        voxels[0, 1] = np.ravel_multi_index((3, 1, 5), GRID.shape)
        voxels[0, 2] = np.ravel_multi_index((2, 0, 4), GRID.shape)
        voxels[1, 0] = np.ravel_multi_index((4, 0, 4), GRID.shape)
        mapping = voxel_mapping(voxels, GRID, 2)
        coarse = GRID.coarse(2)
        expected = np.full(coarse.num_voxels, 6)
        expected[np.ravel_multi_index((1, 0, 2), coarse.shape)] = 2
        expected[np.ravel_multi_index((2, 0, 2), coarse.shape)] = 3
        np.testing.assert_array_equal(mapping, expected)

    def test_nyu_frame(self, nyu_frame):
        mapping = voxel_mapping(nyu_frame.pixel_voxel, nyu_frame.view.grid, nyu.BLOCK)
        assert mapping.dtype == np.int64
        np.testing.assert_array_equal(mapping, nyu_frame.answer['mapping_lr'])


class TestMappingToImage:
    def test_inverse(self):
        rng = np.random.default_rng(0)
        mapping = np.full(40, 6 * 7)
        voxels = rng.choice(40, size=12, replace=False)
        mapping[voxels] = rng.choice(6 * 7, size=12, replace=False)
        image = mapping_to_image(mapping, (6, 7))
        assert (image >= 0).sum() == 12
        for voxel in voxels:
            v, u = divmod(mapping[voxel], 7)
            assert image[v, u] == voxel

    def test_refusals(self):
        with pytest.raises(ValueError, match=r'should be \(N,\)'):
            mapping_to_image(np.zeros((2, 2), dtype=int), (2, 3))
        with pytest.raises(ValueError, match='integers, but got float64'):
            mapping_to_image(np.zeros(4), (2, 3))
        with pytest.raises(ValueError, match=r'in 0..6 .* spans 0..7'):
            mapping_to_image(np.array([0, 7]), (2, 3))

    def test_nyu_frame(self, nyu_frame):
        image = mapping_to_image(nyu_frame.answer['mapping_lr'], nyu.IMG_SIZE)
        assert image.shape == (480, 640)
        assert (image >= 0).sum() == 1243
