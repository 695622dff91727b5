import numpy as np
import pytest
from tsdf_flip import flip_tsdf

from cleaners.datasets import nyu
from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.mapping import map_pixels
from cleaners.geometry.tsdf import (
    STATE_OK,
    STATE_OUTSIDE,
    STATE_UNUSABLE,
    compute_tsdf,
    count_outside,
    covered_label_weights,
    downsample_mean,
    occlusion_label_weights,
)
from cleaners.geometry.voxel_grid import GridView, VoxelGrid

LOOK = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
GRID = VoxelGrid((8, 4, 40), 0.1)
TRUNCATION = 0.5


@pytest.fixture
def view():
    """A camera at the middle of the near side, 1 m in front of the box."""
    return GridView(LOOK, [-0.4, 1.0, -0.2], Intrinsics(40.0, 40.0, 24.0, 16.0), GRID)


@pytest.fixture
def plane(view):
    """TSDF of a plane 2.05 m away, that is, in the voxels b = 10."""
    depth = np.full((33, 49), 2.05)
    pixel_voxel = map_pixels(depth, view)
    return compute_tsdf(depth, pixel_voxel, view, TRUNCATION)


class TestComputeTsdf:
    def test_plane(self, plane):
        # signs change at the depth, magnitudes grow from the voxel
        offset = np.arange(GRID.shape[2]) - 10
        expected = -np.sign(offset) * np.minimum(np.abs(offset) / 5, 1)
        np.testing.assert_allclose(
            plane.raw[2:6, 1:3], np.broadcast_to(expected, (4, 2, 40)), atol=1e-6
        )
        assert (plane.state == STATE_OK).all()

    def test_node_behind_the_depth_is_occluded(self, view):
        # the surface voxel's node is in front of the depth; one voxel on,
        # it is behind, however small the gap
        depth = np.full((33, 49), 2.0999)
        raw = compute_tsdf(depth, map_pixels(depth, view), view, TRUNCATION).raw
        np.testing.assert_allclose(raw[4, 2, 9:12], [0.2, 0, -0.2], atol=1e-6)

    def test_slack(self, view):
        # a node 0.05 mm behind the depth counts as visible
        depth = np.full((33, 49), 2.0)
        pixel_voxel = np.full(depth.shape, -1)
        for gap, sign in ((-5e-5, 1), (-2e-4, -1), (2e-4, 1)):
            raw = compute_tsdf(depth + gap, pixel_voxel, view, TRUNCATION).raw
            assert raw[4, 2, 10] == sign

    @pytest.mark.parametrize('value', [0.0, 0.499, 8.001])
    def test_unusable(self, view, value):
        depth = np.full((33, 49), 2.05)
        pixel_voxel = map_pixels(depth, view)
        depth[:, 24:] = value
        tsdf = compute_tsdf(depth, pixel_voxel, view, TRUNCATION)
        # the right half of the image is the half a >= 4
        assert (tsdf.state[:4] == STATE_OK).all()
        assert (tsdf.state[4:, :, 11:] == STATE_UNUSABLE).all()
        assert (tsdf.raw[4:, :, 11:] == 1).all()
        assert (tsdf.state[4:, :, 10] == STATE_OK).all()
        assert (tsdf.raw[4:, :, 10] == 0).all()

    def test_outside_of_the_image(self, view):
        depth = np.full((33, 30), 2.05)
        tsdf = compute_tsdf(depth, map_pixels(depth, view), view, TRUNCATION)
        # node (a, h, b) is at u = 24 + 40 (0.1 a - 0.4) / (1 + 0.1 b)
        a, _, b = np.indices(GRID.shape)
        u = 24 + 40 * (0.1 * a - 0.4) / (1 + 0.1 * b)
        outside = (u > 29.5 + 1e-9) & (tsdf.raw != 0)
        np.testing.assert_array_equal(tsdf.state == STATE_OUTSIDE, outside)
        assert outside.any()
        assert (tsdf.raw[outside] == 1).all()

    def test_behind_the_camera(self, view):
        view = GridView(LOOK, [-0.4, -2.0, -0.2], view.intrinsics, GRID)
        depth = np.full((33, 49), 1.0)
        tsdf = compute_tsdf(depth, map_pixels(depth, view), view, TRUNCATION)
        assert (tsdf.state[..., :20] == STATE_OUTSIDE).all()
        assert (tsdf.state[4, 2, 21:] == STATE_OK).all()

    def test_unknown(self, view):
        depth = np.full((33, 30), 2.05)
        depth[:, :10] = 0
        pixel_voxel = map_pixels(depth, view)
        one, zero = (
            compute_tsdf(depth, pixel_voxel, view, TRUNCATION, unknown)
            for unknown in (1.0, 0.0)
        )
        np.testing.assert_array_equal(one.state, zero.state)
        unknown = one.state != STATE_OK
        assert set(one.state[unknown]) == {STATE_OUTSIDE, STATE_UNUSABLE}
        assert (zero.raw[unknown] == 0).all()
        np.testing.assert_array_equal(one.raw[~unknown], zero.raw[~unknown])

    @pytest.mark.parametrize(
        'depth,pixels,truncation,match',
        [
            (np.full((2, 2), np.nan), (2, 2), 0.5, '4 pixels'),
            (np.ones((2, 2)), (2, 3), 0.5, 'one shape'),
            (np.ones((2, 2)), (2, 2), 0.55, 'whole number of voxels'),
        ],
    )
    def test_refusals(self, view, depth, pixels, truncation, match):
        with pytest.raises(ValueError, match=match):
            compute_tsdf(depth, np.full(pixels, -1), view, truncation)

    def test_nyu_frame(self, nyu_frame):
        flipped = flip_tsdf(nyu_frame.tsdf.raw)
        answer = nyu_frame.answer
        np.testing.assert_array_equal(flipped, nyu_frame.published['tsdf'][..., 0])
        np.testing.assert_array_equal(
            flipped, answer['tsdf_table'][answer['tsdf_hr_flipped_code']]
        )
        np.testing.assert_array_equal(nyu_frame.tsdf.state, answer['state_hr'])


class TestDownsampleMean:
    def test_by_hand(self):
        volume = np.zeros((2, 4, 6), dtype=np.float32)
        volume[1, 2, 4:6] = 1, -0.5
        mean = downsample_mean(volume, 2)
        assert mean.shape == (1, 2, 3)
        assert mean[0, 1, 2] == pytest.approx(0.5 / 8)
        assert np.count_nonzero(mean) == 1

    def test_nyu_frame(self, nyu_frame):
        raw, answer = nyu_frame.tsdf.raw, nyu_frame.answer
        np.testing.assert_allclose(
            downsample_mean(raw, nyu.BLOCK), answer['tsdf_lr'], rtol=0, atol=1e-6
        )
        np.testing.assert_allclose(
            downsample_mean(flip_tsdf(raw), nyu.BLOCK),
            answer['tsdf_lr_flipped'],
            rtol=0,
            atol=1e-6,
        )


class TestLabelWeights:
    def test_rule(self):
        cases = np.array(
            [
                # label, tsdf, voxels outside -> weight
                (5, 0.5, 0, 1),
                (5, -0.5, 0, 1),
                (5, -0.5, 1, 0),
                (0, -0.1, 0, 1),
                (0, -0.1, 64, 0),
                (0, 0.0, 0, 0),
                (0, 0.1, 0, 0),
                (255, -0.5, 0, 0),
                (255, 0.5, 0, 0),
            ]
        )
        label, tsdf, outside, expected = (
            column.reshape(1, 1, -1) for column in cases.T
        )
        weight = covered_label_weights(label, tsdf, outside, nyu.IGNORE_INDEX)
        assert weight.dtype == np.uint8
        np.testing.assert_array_equal(weight, expected)

    def test_refuses_other_shapes(self):
        one, two = np.zeros((1, 1, 1)), np.zeros((1, 1, 2))
        with pytest.raises(ValueError, match='one shape'):
            covered_label_weights(one, one, two, nyu.IGNORE_INDEX)

    def test_nyu_frame(self, nyu_frame):
        outside = count_outside(nyu_frame.tsdf.state, nyu.BLOCK)
        np.testing.assert_array_equal(outside, nyu_frame.answer['outside_lr'])
        weight = covered_label_weights(
            nyu_frame.label_low,
            downsample_mean(nyu_frame.tsdf.raw, nyu.BLOCK),
            outside,
            nyu.IGNORE_INDEX,
        )
        np.testing.assert_array_equal(weight, nyu_frame.answer['weights_lr'])
        np.testing.assert_array_equal(weight, nyu_frame.published['weights'])


class TestOcclusionLabelWeights:
    def test_rule(self):
        cases = np.array(
            [
                # label, tsdf -> weight
                (1, 0.5, 1),
                (11, -0.6, 1),
                (0, -0.6, 1),
                (0, -0.5, 0),
                (0, 0.6, 0),
                (255, -0.6, 1),
                (255, -0.4, 0),
            ]
        )
        label, tsdf, expected = cases.T
        weight = occlusion_label_weights(label, tsdf, nyu.IGNORE_INDEX)
        assert weight.dtype == np.uint8
        np.testing.assert_array_equal(weight, expected)

    def test_refuses_other_shapes(self):
        with pytest.raises(ValueError, match='one shape'):
            occlusion_label_weights(np.zeros(1), np.zeros(2), 255)
