import itertools
import math

import numpy as np
import pytest
import torch

from cleaners.evaluation.functional.ssc_error_counts import (
    OCCLUDED,
    SURFACE,
    BinWidths,
    binned_confusion,
    camera_distances,
    frame_tables,
    hidden_depths,
    sum_frames,
    sum_tables,
)
from cleaners.evaluation.functional.ssc_eval import ssc_confusion
from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.voxel_grid import GridView, VoxelGrid

NUM_CLASSES = 4
SHAPE = (3, 4, 5)
# a camera that is turned about every axis, its centre in the last column
TURN = [[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]]
CENTRE = [0.3, -0.7, 1.4]
ORIGIN = [-1.0, 2.0, 0.5]


def make_view(shape=SHAPE, voxel_size=0.1, centre=CENTRE):
    cam2world = np.eye(4)
    cam2world[:3, :3] = TURN
    cam2world[:3, 3] = centre
    return GridView(
        cam2world, ORIGIN, Intrinsics(1.0, 1.0, 0.0, 0.0), VoxelGrid(shape, voxel_size)
    )


def make_frame(seed=0, shape=SHAPE):
    """Random prediction, truth, voxels that count, occluded ones."""
    rng = np.random.default_rng(seed)
    chances = rng.random((2, *shape))
    return (
        *torch.from_numpy(rng.integers(0, NUM_CLASSES, (2, *shape))),
        torch.from_numpy(chances[0] < 0.6),
        torch.from_numpy(chances[1] < 0.93),
    )


def slow_tables(pred, label, counts, view, widths, occluded):
    """Count voxel by voxel."""
    seen = [v for v in np.ndindex(pred.shape) if not occluded[v]]
    tables = dict(occlusion={}, distance={}, depth={})
    for voxel in np.ndindex(pred.shape):
        if not counts[voxel]:
            continue
        i, j, k = voxel
        size = view.grid.voxel_size
        x, y, z = (
            low + size * (index + 0.5)
            for low, index in zip(view.voxel_origin, (i, k, j))
        )
        bins = dict(
            occlusion=int(occluded[voxel]),
            distance=math.floor(
                math.dist((x, y, z), view.cam2world[:3, 3]) / widths.distance
            ),
        )
        if occluded[voxel]:
            bins['depth'] = math.floor(
                min(math.dist(voxel, other) for other in seen) / widths.depth
            )
        for name, index in bins.items():
            table = tables[name].setdefault(
                index, np.zeros((NUM_CLASSES, NUM_CLASSES), int)
            )
            table[label[voxel], pred[voxel]] += 1
    return tables


def assert_equal_tables(found, wanted):
    assert set(found) == set(wanted)
    for index in wanted:
        np.testing.assert_array_equal(found[index], wanted[index])


def test_the_distance_of_one_voxel_by_hand():
    distances = camera_distances(make_view())
    # centre of voxel (1, 2, 4): X -0.85, Y 2.45, Z 0.75; to the camera
    # -1.15, 3.15, -0.65
    assert distances.shape == SHAPE
    assert distances[1, 2, 4] == pytest.approx(math.sqrt(11.6675))


def test_axes_of_the_distance():
    """Far beside, in front of and above the box: one axis shrinks alone."""
    for axis, shift in ((0, (1e4, 0, 0)), (2, (0, 1e4, 0)), (1, (0, 0, 1e4))):
        distances = camera_distances(make_view(centre=shift))
        steps = [np.diff(distances, axis=i).mean() for i in range(3)]
        expected = np.zeros(3)
        expected[axis] = -0.1
        np.testing.assert_allclose(steps, expected, atol=1e-4)


def test_a_camera_inside_the_box_is_in_a_voxel_of_its_own():
    # the centre of voxel (2, 1, 3)
    distances = camera_distances(make_view(centre=[-0.75, 2.35, 0.65]))
    assert distances[2, 1, 3] == pytest.approx(0, abs=1e-12)
    assert np.argmin(distances) == np.ravel_multi_index((2, 1, 3), SHAPE)


def test_depths_of_a_corner_and_of_a_plane():
    occluded = np.ones((4, 3, 5), dtype=bool)
    occluded[0, 0, 0] = False
    depths = hidden_depths(occluded)
    assert depths[0, 0, 0] == 0 and depths[0, 0, 4] == 4
    assert depths[3, 2, 4] == pytest.approx(math.sqrt(9 + 4 + 16))
    occluded[:, :, 1] = False
    np.testing.assert_array_equal(hidden_depths(occluded)[1, 1], [1, 0, 1, 2, 3])


def test_depth_is_not_known_where_nothing_is_seen():
    assert hidden_depths(np.ones((2, 3, 4), dtype=bool)) is None
    assert not hidden_depths(np.zeros((2, 3, 4), dtype=bool)).any()


def test_a_bin_holds_its_lower_edge():
    values = np.array([0.0, 0.5, 0.99, 1.0, 1.5, 7.0]).reshape(1, 2, 3)
    ones = torch.ones(1, 2, 3, dtype=torch.long)
    tables = binned_confusion(ones, ones, ones.bool(), values, 0.5, 2)
    assert {index: table[1, 1] for index, table in tables.items()} == {
        0: 1,
        1: 2,
        2: 1,
        3: 1,
        14: 1,
    }


def test_frames_equal_a_count_voxel_by_voxel():
    for seed, (distance, depth) in itertools.product(
        range(3), ((0.5, 2.0), (0.13, 1.0))
    ):
        frame, widths = make_frame(seed), BinWidths(distance, depth)
        pred, label, counts, occluded = frame
        found = frame_tables(*frame, make_view(), widths, NUM_CLASSES)
        wanted = slow_tables(pred, label, counts, make_view(), widths, occluded)
        assert len(wanted['depth']) > 1
        for name, tables in wanted.items():
            assert_equal_tables(found[name], tables)


def test_bins_add_up_to_all_voxels():
    pred, label, counts, occluded = frame = make_frame(shape=(6, 5, 7))
    tables = frame_tables(
        *frame, make_view((6, 5, 7)), BinWidths(0.2, 1.0), NUM_CLASSES
    )
    assert len(tables['distance']) > 3 and len(tables['depth']) > 1
    total = ssc_confusion(pred, label, counts, NUM_CLASSES)
    hidden = ssc_confusion(pred, label, counts & occluded, NUM_CLASSES)
    for name, whole in (('distance', total), ('occlusion', total), ('depth', hidden)):
        np.testing.assert_array_equal(sum(tables[name].values()), whole)
    np.testing.assert_array_equal(tables['occlusion'][OCCLUDED], hidden)
    np.testing.assert_array_equal(tables['occlusion'][SURFACE], total - hidden)


def test_what_is_not_known_is_none():
    pred, label, counts, occluded = make_frame()
    tables = frame_tables(pred, label, counts, occluded, None, BinWidths(), NUM_CLASSES)
    assert tables['distance'] is None and tables['depth']
    tables = frame_tables(
        pred,
        label,
        counts,
        torch.ones_like(occluded),
        make_view(),
        BinWidths(),
        NUM_CLASSES,
    )
    assert tables['depth'] is None and tables['distance']
    assert set(tables['occlusion']) == {OCCLUDED}


def test_no_voxel_that_counts_gives_no_bin():
    pred, label, counts, occluded = make_frame()
    tables = frame_tables(
        pred,
        label,
        torch.zeros_like(counts),
        occluded,
        make_view(),
        BinWidths(),
        NUM_CLASSES,
    )
    assert tables == dict(occlusion={}, distance={}, depth={})


def test_sums_over_frames():
    one, two = np.array([[1, 2], [3, 4]]), np.array([[10, 0], [0, 10]])
    total = sum_tables([{3: one, 1: two}, {}, {1: one}])
    assert list(total) == [1, 3]
    np.testing.assert_array_equal(total[1], [[11, 2], [3, 14]])
    np.testing.assert_array_equal(total[3], one)
    np.testing.assert_array_equal(two, [[10, 0], [0, 10]])  # as it was
    counts = sum_frames(
        [
            dict(occlusion={SURFACE: one}, distance={5: one}, depth={}),
            None,
            dict(occlusion={SURFACE: two}, distance=None, depth=None),
        ]
    )
    assert counts.frames == dict(
        scored=2, without_ground_truth=1, without_pose=1, without_surface=1
    )
    assert_equal_tables(counts.occlusion, {SURFACE: one + two})
    assert_equal_tables(counts.distance, {5: one})
    assert counts.depth == {}


@pytest.mark.parametrize('width', [0, -1.0, math.inf, math.nan])
def test_bad_widths_are_refused(width):
    with pytest.raises(ValueError, match='width of the depth bins should be'):
        BinWidths(depth=width)
