import numpy as np
import pytest

from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.voxel_grid import GridView, VoxelGrid, downsample_labels


class TestVoxelGrid:
    def test_coarse(self):
        coarse = VoxelGrid((240, 144, 240), 0.02).coarse(4)
        assert coarse.shape == (60, 36, 60)
        assert coarse.voxel_size == pytest.approx(0.08)
        assert coarse.num_voxels == 129600

    def test_does_not_fit(self):
        with pytest.raises(ValueError, match='blocks of 5 voxels'):
            VoxelGrid((240, 144, 240), 0.02).coarse(5)


class TestGridView:
    def test_ray_axes(self):
        # the camera looks along world Y (depth), world X is right
        cam2world = np.array(
            [[1, 0, 0, 1], [0, 0, 1, 2], [0, -1, 0, 3], [0, 0, 0, 1.0]]
        )
        view = GridView(
            cam2world,
            [0.5, 1.0, 1.5],
            Intrinsics(10, 20, 1, 1),
            VoxelGrid((8, 12, 16), 0.5),
        )
        origin, directions = view.rays((2, 3))
        np.testing.assert_allclose(origin, [1.0, 3.0, 2.0])
        # pixel (v, u) = (0, 2): right by 1 / 10, up by 1 / 20
        np.testing.assert_allclose(directions[2], [0.2, 0.1, 2.0])

    @pytest.mark.parametrize(
        'pose,origin,match',
        [
            (np.eye(3), np.zeros(3), 'cam2world should be finite'),
            (np.full((4, 4), np.nan), np.zeros(3), 'cam2world should be finite'),
            (np.eye(4), np.zeros(4), 'voxel_origin should be finite'),
        ],
    )
    def test_refusals(self, pose, origin, match):
        with pytest.raises(ValueError, match=match):
            GridView(
                pose, origin, Intrinsics(10, 20, 1, 1), VoxelGrid((8, 12, 16), 0.5)
            )


def vote(labels, factor):
    return downsample_labels(labels, factor, num_classes=12, ignore_index=255)


def _block(counts):
    """A 4 x 4 x 4 block in random order, filled up with 0."""
    values = [label for label, count in counts.items() for _ in range(count)]
    values += [0] * (64 - len(values))
    order = np.random.default_rng(0).permutation(64)
    return np.array(values, dtype=np.uint8)[order].reshape(4, 4, 4)


class TestDownsampleLabels:
    @pytest.mark.parametrize(
        'counts,expected',
        [
            ({}, 0),
            ({255: 64}, 255),
            ({255: 32}, 0),
            ({255: 33}, 255),
            ({5: 3}, 0),
            ({5: 3, 255: 31}, 255),
            ({5: 3, 255: 30}, 0),
            ({5: 4}, 5),
            ({5: 2, 9: 2}, 5),
            ({9: 3, 5: 2}, 9),
            ({11: 4, 255: 60}, 11),
            ({1: 10, 11: 10, 3: 9}, 1),
        ],
    )
    def test_rules(self, counts, expected):
        assert vote(_block(counts), 4).item() == expected

    def test_order_of_blocks(self):
        labels = np.zeros((4, 6, 8), dtype=np.uint8)
        labels[2:4, 4:6, 0:2] = 7
        votes = vote(labels, 2)
        assert votes.shape == (2, 3, 4)
        assert np.argwhere(votes).tolist() == [[1, 2, 0]]
        assert votes[1, 2, 0] == 7

    def test_refusals(self):
        with pytest.raises(ValueError, match='blocks of 4'):
            vote(np.zeros((4, 6, 8), dtype=np.uint8), 4)
        with pytest.raises(ValueError, match='unknown label 12'):
            vote(np.full((4, 4, 4), 12, dtype=np.uint8), 4)
        with pytest.raises(ValueError, match='should be uint8'):
            vote(np.zeros((4, 4, 4)), 4)

    def test_nyu_frame(self, nyu_frame):
        label = nyu_frame.label_low
        np.testing.assert_array_equal(label, nyu_frame.answer['lbl_lr'])
        np.testing.assert_array_equal(
            np.where(label == 255, 0, label), nyu_frame.published['lbl'][..., 0]
        )
