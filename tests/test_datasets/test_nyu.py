import numpy as np
import pytest

from cleaners.datasets import nyu


def test_sizes_and_cameras():
    np.testing.assert_array_equal(
        nyu.INTRINSICS.cam2img, [[518.8579, 0, 320], [0, 518.8579, 240], [0, 0, 1]]
    )
    assert nyu.CALIBRATED_INTRINSICS == (518.8579, 519.4696, 325.58, 253.74)
    assert (nyu.GRID.shape, nyu.GRID.voxel_size) == ((60, 36, 60), 0.08)
    assert nyu.NUM_CLASSES == 12 == len(nyu.PALETTE)


def test_is_occupied():
    labels = np.array([0, 1, 11, 255], dtype=np.uint8)
    assert nyu.is_occupied(labels).tolist() == [False, True, True, False]


class TestMapClasses:
    def test_all(self):
        mapped = nyu.map_classes(np.array([*range(37), 255], dtype=np.uint8))
        assert mapped.tolist() == [
            0,
            1,
            2,
            3,
            4,
            11,
            5,
            6,
            7,
            8,
            8,
            10,
            10,
            10,
            11,
            11,
            9,
            8,
            11,
            11,
            11,
            11,
            11,
            11,
            11,
            11,
            11,
            10,
            10,
            11,
            8,
            10,
            11,
            9,
            11,
            11,
            11,
            255,
        ]

    def test_refusals(self):
        with pytest.raises(ValueError, match='unknown label 37'):
            nyu.map_classes(np.array([37], dtype=np.uint8))
        with pytest.raises(ValueError, match='should be uint8'):
            nyu.map_classes(np.array([1]))

    def test_nyu_frame(self, nyu_frame):
        np.testing.assert_array_equal(nyu_frame.labels, nyu_frame.answer['lbl_hr'])
