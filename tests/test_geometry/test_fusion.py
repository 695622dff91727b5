import numpy as np
import pytest

from cleaners.geometry.fusion import MAX_LOG_ODDS, SceneBelief, SceneFusion, fuse_scenes
from cleaners.geometry.voxel_grid import VoxelGrid

GRID = VoxelGrid((4, 3, 5), 0.1)
# positions (sideways, height, depth) to world X, Y, Z
AXES = np.eye(4)[[0, 2, 1, 3]]


def belief(seed, origin=(0.0, 0.0, 0.0), turn=0):
    """Random evidence; the box turned about Z by quarter turns."""
    rng = np.random.default_rng(seed)
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    grid2world = np.eye(4)
    grid2world[:3, :3] = np.linalg.matrix_power(quarter, turn)
    grid2world[:3, 3] = origin
    log_prob = np.log(rng.dirichlet(np.ones(4), GRID.shape))
    return SceneBelief(
        rng.normal(0, 3, GRID.shape),
        np.moveaxis(log_prob, -1, 0),
        GRID,
        grid2world @ AXES,
    )


def slow_fusion(beliefs, voxel):
    """Log-odds, views, label and its confidence of a world point, metres."""
    log_odds, views, votes = 0.0, 0, np.zeros(3)
    for one in beliefs:
        position = np.linalg.inv(one.grid2world) @ [*voxel, 1]
        index = tuple(np.floor(position[:3] / 0.1 + 1e-6).astype(int))
        if all(0 <= i < n for i, n in zip(index, GRID.shape)):
            odds = min(max(one.log_odds[index], -MAX_LOG_ODDS), MAX_LOG_ODDS)
            log_odds, views = log_odds + odds, views + 1
            votes += one.log_prob[(slice(1, None), *index)] / (1 + np.exp(-odds))
    occupied = 1 / (1 + np.exp(-log_odds))
    if log_odds <= 0:
        return log_odds, views, 0, (1 - occupied) * (views > 0)
    shares = np.exp(votes) / np.exp(votes).sum()
    return log_odds, views, votes.argmax() + 1, occupied * shares.max()


def test_one_view_stays_what_it_is():
    one = belief(0)
    fused = fuse_scenes([one])
    assert fused.grid == GRID
    np.testing.assert_allclose(fused.voxel_origin, 0)
    np.testing.assert_allclose(
        fused.log_odds, np.clip(one.log_odds, -MAX_LOG_ODDS, MAX_LOG_ODDS), rtol=1e-6
    )
    wanted = np.where(one.log_odds > 0, one.log_prob[1:].argmax(0) + 1, 0)
    np.testing.assert_array_equal(fused.label, wanted)


@pytest.mark.parametrize('turn', [0, 1, 2, 3])
def test_views_add_up_point_by_point(turn):
    beliefs = [
        belief(0),
        belief(1, (0.2, -0.1, 0.1), turn),
        belief(2, (0.13, 0.07, 0.0), turn),
    ]
    fused = fuse_scenes(beliefs)
    for index in np.ndindex(fused.grid.shape):
        middle = fused.voxel_origin[[0, 2, 1]] + 0.1 * (np.array(index) + 0.5)
        log_odds, views, label, confidence = slow_fusion(beliefs, middle[[0, 2, 1]])
        assert fused.log_odds[index] == pytest.approx(log_odds, abs=1e-5)
        assert fused.views[index] == views
        assert fused.label[index] == label
        assert fused.confidence[index] == pytest.approx(confidence, abs=1e-5)
    assert fused.views.max() >= 2 and (fused.views == 0).any()


def test_a_view_that_knows_nothing_changes_nothing():
    one, silent = belief(0), belief(1)
    silent = silent._replace(log_odds=np.zeros(GRID.shape))
    alone, both = fuse_scenes([one]), fuse_scenes([one, silent])
    for first, second in zip(alone[:5], both[:5]):
        np.testing.assert_array_equal(first, second)


def test_several_views_outvote_one_that_is_sure():
    sure, *others = (belief(0) for _ in range(4))
    sure = sure._replace(log_odds=np.full(GRID.shape, 50.0))
    others = [b._replace(log_odds=np.full(GRID.shape, -2.0)) for b in others]
    assert (fuse_scenes([sure, *others]).label == 0).all()
    assert (fuse_scenes([sure, others[0]]).label > 0).all()


def test_other_voxels_are_refused():
    other = belief(0)._replace(grid=VoxelGrid((4, 3, 5), 0.2))
    with pytest.raises(ValueError, match=r'one voxel size.*\[0.1, 0.2\]'):
        fuse_scenes([belief(0), other])
    with pytest.raises(ValueError, match='one view or more'):
        fuse_scenes([])


def test_a_view_far_away_is_refused_and_the_map_stays():
    """As of a pose in millimetres."""
    fusion = SceneFusion()
    fusion.add(belief(0))
    with pytest.raises(
        ValueError, match='would be 4000 x 0 x 300[01] m large.*in metres'
    ):
        fusion.add(belief(1, (4000.0, 3000.0, 0.0)))
    for first, second in zip(fusion.scene()[:5], fuse_scenes([belief(0)])[:5]):
        np.testing.assert_array_equal(first, second)


def test_a_map_that_was_given_out_stays():
    fusion = SceneFusion()
    fusion.add(belief(0))
    first = fusion.scene()
    kept = [np.copy(volume) for volume in first[:5]]
    fusion.add(belief(0))
    for volume, before in zip(first[:5], kept):
        np.testing.assert_array_equal(volume, before)
    assert (fusion.scene().views == 2 * first.views).all()


def test_what_any_view_has_measured():
    def measuring(view, voxel):
        measured = np.zeros(GRID.shape, bool)
        measured[voxel] = True
        return view._replace(measured=measured)

    one = measuring(belief(0), (0, 1, 2))
    other = measuring(belief(1, (0.2, 0.0, 0.0)), (3, 2, 4))
    fused = fuse_scenes([one, other, belief(2)])
    assert np.argwhere(fused.measured).tolist() == [[0, 1, 2], [5, 2, 4]]
