import numpy as np
import pytest
import torch

from cleaners.apis import SSCInferencer
from cleaners.datasets import nyu
from cleaners.experiments.fusion_gain import (
    AHEAD,
    ASIDE,
    completion_of_first_view,
    fusion_gain,
    mean_score,
    step_aside,
)
from cleaners.geometry.fusion import SceneBelief, fuse_scenes
from cleaners.geometry.voxel_grid import downsample_labels


def test_a_second_camera_looks_at_the_same_point(room):
    first = room.view.cam2world
    ahead = np.array([*first[:2, 2], 0.0])
    point = first[:3, 3] + AHEAD * ahead / np.linalg.norm(ahead)
    for aside in (ASIDE, -ASIDE):
        second = step_aside(first, aside)
        step = second[:3, 3] - first[:3, 3]
        assert np.linalg.norm(step) == pytest.approx(ASIDE)
        assert step @ ahead == pytest.approx(0, abs=1e-6)
        assert np.sign(step @ first[:3, 0]) == np.sign(aside)
        to_point = (point - second[:3, 3])[:2]
        cosine = (
            to_point
            @ second[:2, 2]
            / np.linalg.norm(to_point)
            / np.linalg.norm(second[:2, 2])
        )
        assert cosine == pytest.approx(1, abs=1e-9)
        # as high, and as much turned down
        assert second[2, 2:] == pytest.approx(first[2, 2:])
        assert second[:3, :3] @ second[:3, :3].T == pytest.approx(np.eye(3), abs=1e-6)


def test_the_truth_itself_completes_all_and_a_shifted_one_does_not(room):
    label = downsample_labels(room.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX)
    known = np.where(label == nyu.IGNORE_INDEX, 0, label)
    box = np.eye(4)[[0, 2, 1, 3]]
    box[:3, 3] = room.view.voxel_origin
    scores = []
    for shift in (0.0, 0.08):
        grid2world = box.copy()
        grid2world[0, 3] += shift
        belief = SceneBelief(
            np.where(known > 0, 3.0, -3.0),
            np.eye(12)[known].transpose(3, 0, 1, 2),
            nyu.GRID,
            grid2world,
        )
        scores.append(completion_of_first_view(fuse_scenes([belief]), room))
    assert scores[0] == 100
    # one voxel to the side: worked out on the labels alone
    moved = np.zeros_like(known)
    moved[1:] = known[:-1]
    counted = label != nyu.IGNORE_INDEX
    both, either = ((known > 0) & (moved > 0)), ((known > 0) | (moved > 0))
    assert scores[1] == pytest.approx(
        100 * (both & counted).sum() / (either & counted).sum(), abs=1.5
    )


def test_a_room_is_completed_from_both_cameras(repo_root):
    """By a network that calls every voxel occupied, as far as it sees."""
    torch.manual_seed(0)
    infer = SSCInferencer(repo_root / 'configs/cleaners_depth-d32_baseline.py')
    head = infer.model.decode_head
    with torch.no_grad():
        head.classifier.bias[1:] += 100.0
        head.void_classifier.bias -= 100.0
    scores = fusion_gain(infer, 1)
    assert list(scores) == ['SYN5001']
    score = scores['SYN5001']
    # the second camera looks through more of what is empty
    assert 5 < score.one < score.two < 95
    assert mean_score([score, score]) == score
