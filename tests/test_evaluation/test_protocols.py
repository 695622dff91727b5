"""The same prediction under each protocol, counted by hand."""

import numpy as np
import pytest
import torch

from cleaners.evaluation import OccupiedShareMetric, SSCMetric
from cleaners.utils.errors import InputError

CLASSES = ('empty', 'wall', 'chair')


def make_sample(pred, **truth):
    """One room of eight voxels as the evaluator hands it over."""
    kinds = dict(label=torch.int64, label_weight=torch.bool, occluded=torch.bool)
    return dict(
        pred_voxel_seg=dict(label=torch.tensor(pred, dtype=torch.uint8)),
        gt_voxel_seg={
            key: torch.tensor(truth[key], dtype=kind) for key, kind in kinds.items()
        },
    )


ROOM = dict(
    label=[1, 1, 1, 0, 2, 255, 2, 0],
    label_weight=[1, 1, 1, 1, 1, 1, 1, 0],
    occluded=[0, 1, 1, 1, 1, 1, 1, 1],
)
PRED = [1, 1, 2, 0, 0, 1, 2, 1]


def evaluate(metric, *samples):
    metric.dataset_meta = dict(classes=CLASSES, ignore_index=255)
    for sample in samples:
        metric.process({}, [sample])
    return metric.evaluate(size=len(samples))


def test_all_counts_free_and_seen_voxels_too():
    scores = evaluate(SSCMetric(protocol='all'), make_sample(PRED, **ROOM))
    # the last voxel is called wall where it is free
    assert scores['ssc/wall'] == pytest.approx(100 * 2 / 4)
    assert scores['ssc/chair'] == pytest.approx(100 / 3)
    # hits at voxels 0, 1, 2 and 6, a miss at 4, an error at 7
    assert scores['sc/precision'] == pytest.approx(80)
    assert scores['sc/recall'] == pytest.approx(80)
    assert scores['sc/iou'] == pytest.approx(100 * 4 / 6)


def test_all_scores_the_scene_and_3dsketch_the_classes():
    sample = make_sample(PRED, **ROOM)
    scene = torch.tensor([1, 1, 0, 0, 0, 0, 2, 0], dtype=torch.uint8)
    sample['pred_voxel_seg']['scene'] = scene
    sketch, whole = (
        evaluate(SSCMetric(protocol=name), sample) for name in ('3dsketch', 'all')
    )
    assert sketch == evaluate(SSCMetric(), make_sample(PRED, **ROOM))
    assert whole == evaluate(
        SSCMetric(protocol='all'), make_sample(scene.tolist(), **ROOM)
    )
    assert whole['sc/precision'] == 100
    shares = evaluate(OccupiedShareMetric(), sample)
    assert shares == {'occupied/free': 0, 'occupied/ignored': 0}


def test_3dsketch_is_what_a_config_gets_that_names_none():
    sample = make_sample(PRED, **ROOM)
    named = evaluate(SSCMetric(protocol='3dsketch'), sample)
    assert evaluate(SSCMetric(), sample) == named
    assert named['sc/iou'] == pytest.approx(75)


def test_both_beside_each_other():
    sample = make_sample(PRED, **ROOM)
    both = {}
    for metric in (SSCMetric(), SSCMetric(protocol='all', prefix='all')):
        both.update(evaluate(metric, sample))
    assert both['sc/iou'] == pytest.approx(75)
    assert both['all/sc/iou'] == pytest.approx(100 * 4 / 6)


@pytest.mark.parametrize('protocol', ['3dsketch', 'all'])
def test_the_labels_themselves_score_100(protocol):
    rng = np.random.default_rng(0)
    label = rng.choice([0, 0, 1, 2, 255], 500)
    sample = make_sample(
        np.where(label == 255, rng.integers(0, 3, 500), label),
        label=label,
        label_weight=rng.random(500) < 0.5,
        occluded=rng.random(500) < 0.7,
    )
    scores = evaluate(SSCMetric(protocol=protocol), sample)
    assert set(scores.values()) == {100.0}


@pytest.mark.parametrize('protocol', ['3dsketch', 'all'])
def test_nothing_predicted_scores_nothing(protocol):
    scores = evaluate(SSCMetric(protocol=protocol), make_sample([0] * 8, **ROOM))
    assert set(scores.values()) == {0.0}


def test_shares_of_what_does_not_count():
    free = dict(
        ROOM, label=[0, 0, 0, 0, 255, 255, 2, 0], label_weight=[0, 0, 0, 1, 1, 0, 1, 0]
    )
    shares = evaluate(OccupiedShareMetric(), make_sample(PRED, **free))
    # of the voxels 0, 1, 2, 7 all; of 4 and 5 one
    assert shares == {'occupied/free': 100.0, 'occupied/ignored': 50.0}
    # pooled over frames
    shares = evaluate(
        OccupiedShareMetric(), make_sample(PRED, **free), make_sample([0] * 8, **ROOM)
    )
    assert shares['occupied/free'] == pytest.approx(100 * 4 / 5)
    assert shares['occupied/ignored'] == pytest.approx(100 / 3)


def test_frames_without_ground_truth_have_no_shares():
    sample = make_sample(PRED, **ROOM)
    del sample['gt_voxel_seg']['label']
    assert evaluate(OccupiedShareMetric(), sample) == {}


def test_an_unknown_protocol_is_refused():
    with pytest.raises(
        InputError,
        match=r"unknown evaluation protocol 'sscnet'; choose one of "
        r"\['3dsketch', 'all'\]",
    ):
        SSCMetric(protocol='sscnet')
