"""How AMMNet makes ground truth wrong, by the statistics of its authors."""

import numpy as np
import pytest
import torch
from ammnet_cases import read_golden
from golden_cases import make_inputs

from ammnet.models.fake_scenes import draw_fakes, erase_voxels, shuffle_classes
from cleaners.models.segmentors.voxel_targets import VoxelTargets


@pytest.fixture(scope='module')
def scene():
    """What the statistics were taken on."""
    rules = read_golden('rules_ammnet.json')
    arrays = make_inputs(rules['scene']['inputs_seed'], 1)
    label = torch.from_numpy(arrays['label'][0])
    weight = torch.from_numpy(arrays['label_weight'][0])
    real = label.masked_fill(~weight | (label == 255), 0)
    solid = (label != 0) & (label != 255)
    assert int((real > 0).sum()) == rules['scene']['object_voxels']
    assert int(solid.sum()) == (rules['scene']['solid_voxels_without_weight_mask'])
    return rules, label, weight, real, solid


def check_mean(rules, name, values, sigmas=4.5):
    """The mean of as many draws, within what chance allows for both."""
    wanted = rules['statistics'][name]
    assert len(values) == rules['scene']['draws']
    error = wanted['std'] * (2 / len(values)) ** 0.5
    assert abs(np.mean(values) - wanted['mean']) <= sigmas * error + 1e-12
    if wanted['std']:
        assert np.std(values) == pytest.approx(wanted['std'], rel=0.25)


def test_shuffled_classes_follow_the_rule(scene):
    rules, _, _, real, _ = scene
    torch.manual_seed(0)
    objects = int((real > 0).sum())
    changed, classes, shares, targets = [], [], [], np.zeros(12, int)
    for _ in range(rules['scene']['draws']):
        shuffled = shuffle_classes(real, 12)
        moved = shuffled != real
        assert not (moved & (real == 0)).any() and not (moved & (shuffled == 0)).any()
        changed.append(int(moved.sum()) / objects)
        sources = real[moved].unique().tolist()
        classes.append(len(sources))
        share = []
        for source in sources:
            own = real == source
            (target,) = shuffled[moved & own].unique().tolist()
            targets[target] += 1
            share.append(int((moved & own).sum()) / int(own.sum()))
        shares.append(np.mean(share))
    check_mean(rules, 'changed', changed)
    check_mean(rules, 'classes', classes)
    assert (min(classes), max(classes)) == (1, 11)
    wanted = rules['statistics']['share_of_class']
    # over all classes of all draws, there; over draws of their mean, here
    assert np.average(shares, weights=classes) == pytest.approx(
        wanted['mean'], abs=0.02
    )
    wanted = np.array(rules['target_counts'])
    assert targets[0] == 0
    # two counts of the same chance differ by the root of their sum
    spread = (wanted[1:] + targets[1:]) ** 0.5
    assert (np.abs(targets - wanted)[1:] <= 4.5 * spread).all()


def test_erased_voxels_follow_the_rule(scene):
    rules, label, weight, _, solid = scene
    torch.manual_seed(0)
    shares, weighted = [], []
    for _ in range(rules['scene']['draws']):
        erased = erase_voxels(label, 255)
        assert not (erased & ~solid).any()
        shares.append(int(erased.sum()) / int(solid.sum()))
        weighted.append(int((erased & weight).sum()) / int(erased.sum()))
    check_mean(rules, 'erased', shares)
    check_mean(rules, 'erased_in_weight', weighted)
    assert 0.1 <= min(shares) < 0.15 and 0.85 < max(shares) <= 0.9


def test_a_class_that_draws_itself_takes_its_neighbour():
    """Class 2 becomes 1 twice as often as any other; never itself."""
    label = torch.full((20,), 2)
    torch.manual_seed(0)
    targets = []
    for _ in range(2000):
        shuffled = shuffle_classes(label, 12)
        assert not (shuffled == 0).any()
        targets += shuffled[shuffled != label].unique().tolist()
    counts = np.bincount(targets, minlength=12)
    assert set(np.flatnonzero(counts)) == {1, *range(3, 12)}
    assert len(targets) == 2000  # 2 of 20 voxels, or more, always move
    assert counts[1] == pytest.approx(2000 * 2 / 11, abs=80)


def test_frames_without_objects_and_without_empty_voxels():
    """The first has nothing to shuffle; the second moves any class."""
    torch.manual_seed(0)
    empty = torch.zeros(4, 4, 4, dtype=torch.long)
    assert torch.equal(shuffle_classes(empty, 12), empty)
    assert not erase_voxels(empty, 255).any()
    full = torch.tensor([5, 7]).repeat_interleave(50)
    moved = set()
    for _ in range(50):
        shuffled = shuffle_classes(full, 12)
        moved |= set(full[shuffled != full].tolist())
    assert moved == {5, 7}


def test_fakes_are_drawn_anew_and_by_seed():
    torch.manual_seed(1)
    label = torch.randint(0, 12, (2, 4, 6, 4))
    label[:, 0] = 255
    targets = VoxelTargets(label, torch.rand(2, 4, 6, 4) < 0.6)
    draws = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        draws.append(draw_fakes(targets, 12, 255))
    first, again, other = draws
    assert all(map(torch.equal, first, again))
    assert not torch.equal(first.shuffled, other.shuffled)
    assert not torch.equal(first.erased, other.erased)
    kept = targets.label_weight & (label != 255)
    assert torch.equal(first.real, torch.where(kept, label, 0))
    # erased also where a voxel does not count
    assert (first.erased & ~targets.label_weight).any()
    assert not first.erased[:, 0].any()
