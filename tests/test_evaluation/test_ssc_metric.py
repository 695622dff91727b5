import numpy as np
import pytest
import torch

from cleaners.evaluation import SSCMetric, sc_counts, scores_from_counts, ssc_confusion
from cleaners.evaluation.metrics.ssc_metric import format_scores

CLASSES = ('empty', 'wall', 'chair')


def make_sample(pred, label, weight, occluded):
    """One 2 x 2 x 2 room as the evaluator hands it over."""
    shape = (2, 2, 2)
    return dict(
        pred_voxel_seg=dict(label=torch.tensor(pred, dtype=torch.uint8).view(shape)),
        gt_voxel_seg=dict(
            label=torch.tensor(label).view(shape),
            label_weight=torch.tensor(weight, dtype=torch.bool).view(shape),
            occluded=torch.tensor(occluded, dtype=torch.bool).view(shape),
        ),
    )


def first_room():
    """Eight voxels, counted by hand in the test below."""
    return make_sample(
        pred=[1, 1, 2, 0, 0, 1, 2, 1],
        label=[1, 1, 1, 0, 2, 255, 2, 0],
        weight=[1, 1, 1, 1, 1, 1, 1, 0],
        occluded=[0, 1, 1, 1, 1, 1, 1, 1],
    )


def evaluate(*samples):
    metric = SSCMetric()
    metric.dataset_meta = dict(classes=CLASSES, ignore_index=255)
    for sample in samples:
        metric.process({}, [sample])
    return metric.evaluate(size=len(samples))


def test_scores_of_a_room_counted_by_hand():
    scores = evaluate(first_room())
    # SSC, six voxels: wall hit 2 of 3, none wrong; chair hit 1, missed 1,
    # wrong 1
    assert scores['ssc/wall'] == pytest.approx(200 / 3)
    assert scores['ssc/chair'] == pytest.approx(100 / 3)
    assert scores['ssc/mIoU'] == pytest.approx(50)
    # SC, five occluded ones: hits at voxels 1, 2 and 6, a miss at 4
    assert scores['sc/precision'] == pytest.approx(100)
    assert scores['sc/recall'] == pytest.approx(75)
    assert scores['sc/iou'] == pytest.approx(75)


def test_the_ignored_label_is_the_data_sets():
    room = first_room()
    label = room['gt_voxel_seg']['label']
    label[label == 255] = 200
    metric = SSCMetric()
    metric.dataset_meta = dict(classes=CLASSES, ignore_index=200)
    metric.process({}, [room])
    assert metric.evaluate(size=1) == evaluate(first_room())


def test_frames_are_pooled_not_averaged():
    other = make_sample([1] * 8, [0] * 7 + [1], [1] * 8, [1] * 8)
    scores = evaluate(first_room(), other)
    assert scores['ssc/wall'] == pytest.approx(100 * 3 / (4 + 7))
    assert scores['sc/precision'] == pytest.approx(100 * 4 / 11)


def test_a_class_that_never_occurs_scores_zero():
    scores = evaluate(make_sample([0] * 7 + [1], [0] * 7 + [1], [1] * 8, [1] * 8))
    assert scores['ssc/chair'] == 0 and scores['ssc/mIoU'] == 50


def test_nothing_to_count_gives_zeros():
    scores = evaluate(make_sample([1] * 8, [1] * 8, [0] * 8, [1] * 8))
    assert set(scores.values()) == {0.0}


def test_frames_without_ground_truth_do_not_count():
    unlabelled = first_room()
    unlabelled['gt_voxel_seg'] = dict(occluded=unlabelled['gt_voxel_seg']['occluded'])
    assert evaluate(unlabelled, unlabelled) == {}
    assert evaluate(unlabelled, first_room()) == evaluate(first_room())


def test_counts_equal_a_plain_loop():
    rng = np.random.default_rng(0)
    pred, label = rng.integers(0, 5, (2, 4, 3, 6))
    counts = rng.random((4, 3, 6)) < 0.6
    table, hits = np.zeros((5, 5), dtype=int), np.zeros(3, dtype=int)
    for p, t, c in zip(pred.flat, label.flat, counts.flat):
        if c:
            table[t, p] += 1
            hits += [p > 0 and t > 0, p > 0 and t == 0, p == 0 and t > 0]
    tensors = [torch.from_numpy(x) for x in (pred, label, counts)]
    assert (ssc_confusion(*tensors, 5) == table).all()
    assert (sc_counts(*tensors) == hits).all()


def test_data_that_name_no_ignored_label_ignore_255():
    metric = SSCMetric()
    metric.dataset_meta = dict(classes=CLASSES)
    metric.process({}, [first_room()])
    assert metric.evaluate(size=1) == evaluate(first_room())


def test_an_ignored_class_has_no_score():
    """It scored 0, and the mean with it."""
    room = make_sample(
        pred=[0, 1, 1, 2, 2, 0, 1, 2],
        label=[0, 1, 1, 2, 2, 0, 3, 3],
        weight=[1] * 8,
        occluded=[1] * 8,
    )
    metric = SSCMetric()
    metric.dataset_meta = dict(classes=(*CLASSES, 'unknown'), ignore_index=3)
    metric.process({}, [room])
    scores = metric.evaluate(size=1)
    assert scores['ssc/mIoU'] == scores['ssc/wall'] == scores['ssc/chair'] == 100
    assert 'ssc/unknown' not in scores


def test_each_frame_leaves_one_row():
    """So that a sampler's padded duplicates are dropped."""
    metric = SSCMetric()
    metric.dataset_meta = dict(classes=CLASSES, ignore_index=255)
    metric.process({}, [first_room(), first_room()])
    assert len(metric.results) == 2
    padded = metric.evaluate(size=1)
    assert padded == evaluate(first_room())


def test_table_has_the_published_columns():
    scores = scores_from_counts(np.diag([5, 3, 1]), np.array([2, 1, 0]), CLASSES)
    table = format_scores({'student': scores})
    header, row = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in table.splitlines()
        if line.startswith('|')
    ]
    assert header == ['model', 'prec.', 'recall', 'SC IoU', 'wall', 'chair', 'SSC mIoU']
    assert row == ['student', '66.7', '100.0', '66.7', '100.0', '100.0', '100.0']
