"""Evaluation figures and confusion matrices of three frames."""

import json

import numpy as np
import pytest
import torch
from golden_cases import GOLDEN
from golden_inputs.cases import make_metric_case
from golden_inputs.scenes import GRID, IGNORE, NUM_PIXELS

from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
from cleaners.evaluation.functional import sc_counts, ssc_confusion
from cleaners.evaluation.metrics import SSCMetric

CLASSES = NYUSSCDataset.METAINFO['classes']
TOLERANCE = 1e-4  # percent; the authors divide in float32


@pytest.fixture(scope='module')
def golden():
    return json.loads((GOLDEN / 'metrics.json').read_text())


@pytest.fixture(scope='module')
def frames(golden):
    """Return truth and prediction as the metric gets them."""
    arrays = make_metric_case(golden['seed'], golden['samples'])
    grids = {
        key: torch.from_numpy(arrays[key]).reshape(-1, *GRID)
        for key in ('pred', 'label', 'label_weight', 'mapping')
    }
    return [
        dict(
            gt_voxel_seg=dict(
                label=grids['label'][i],
                label_weight=grids['label_weight'][i],
                occluded=grids['mapping'][i] == NUM_PIXELS,
            ),
            pred_voxel_seg=dict(label=grids['pred'][i].to(torch.uint8)),
        )
        for i in range(golden['samples'])
    ]


def evaluate(frames):
    metric = SSCMetric()
    metric.dataset_meta = dict(classes=CLASSES, ignore_index=255)
    metric.process({}, frames)
    return metric.evaluate(len(frames)), metric


def check_scores(scores, wanted, within):
    pairs = {
        'sc/precision': wanted['sc']['precision'],
        'sc/recall': wanted['sc']['recall'],
        'sc/iou': wanted['sc']['iou'],
        'ssc/mIoU': wanted['ssc']['miou'],
    }
    pairs.update(
        {f'ssc/{name}': iou for name, iou in zip(CLASSES[1:], wanted['ssc']['iou'])}
    )
    assert set(scores) == set(pairs)
    for name, value in pairs.items():
        within(
            'metrics',
            f'{name.split("/")[0]} (percent)',
            '-',
            abs(scores[name] - value),
            TOLERANCE,
        )


def test_scores_of_all_frames(frames, golden, within):
    check_scores(evaluate(frames)[0], golden['all'], within)


def test_scores_of_each_frame(frames, golden, within):
    for frame, wanted in zip(frames, golden['per_sample']):
        check_scores(evaluate([frame])[0], wanted, within)


def test_printed_table(frames, golden):
    """The columns of the authors' table, to its last digit."""
    scores = evaluate(frames)[0]
    printed = golden['all']['printed']
    found = [scores['sc/iou']] + [scores[f'ssc/{n}'] for n in CLASSES[1:]]
    found.append(scores['ssc/mIoU'])
    assert len(printed['columns']) == len(printed['iou']) == 13
    wanted = [float(value) for value in printed['iou']]
    assert found == pytest.approx(wanted, abs=1.5e-4)


def test_counts_are_exact(frames):
    matrices = np.load(GOLDEN / 'metrics.npz')
    for index, frame in enumerate(frames):
        truth, pred = frame['gt_voxel_seg'], frame['pred_voxel_seg']['label']
        known = truth['label_weight'] & (truth['label'] != IGNORE)
        found = ssc_confusion(pred, truth['label'], known, len(CLASSES))
        assert (found == matrices[f'sample{index}.confusion_ssc']).all()
        # empty against occupied, in the corner of a 12 x 12 matrix
        wanted = matrices[f'sample{index}.confusion_sc']
        assert not wanted[2:].any() and not wanted[:, 2:].any()
        found = sc_counts(pred, truth['label'], known & truth['occluded'])
        assert list(found) == [wanted[1, 1], wanted[0, 1], wanted[1, 0]]
