import json

import numpy as np
import pytest
import torch

from cleaners.evaluation.functional import sc_counts
from cleaners.evaluation.functional.ssc_error_counts import (
    OCCLUDED,
    SURFACE,
    BinWidths,
    ErrorCounts,
)
from cleaners.evaluation.functional.ssc_error_report import (
    completion_counts,
    error_report,
    format_report,
    list_confusions,
    region_figures,
)
from cleaners.evaluation.functional.ssc_eval import ssc_confusion

CLASSES = ('empty', 'wall', 'chair', 'bed')
# rows truth: 8 empty, 4 wall, 5 chair, no bed
CONFUSION = np.array([[6, 1, 1, 0], [0, 3, 1, 0], [2, 2, 1, 0], [0, 0, 0, 0]])


def make_counts(**kwargs):
    counts = dict(
        occlusion={SURFACE: np.diag([0, 2, 1, 0]), OCCLUDED: CONFUSION},
        distance={2: CONFUSION, 7: np.diag([3, 0, 0, 0])},
        depth={0: CONFUSION},
        frames=dict(
            scored=3, without_ground_truth=1, without_pose=2, without_surface=0
        ),
    )
    counts.update(kwargs)
    return ErrorCounts(**counts)


def test_figures_of_a_region_counted_by_hand():
    figures = region_figures(CONFUSION, CLASSES)
    assert figures['voxels'] == 17
    assert figures['accuracy'] == pytest.approx(100 * 10 / 17)
    # occupied in both 7, in the prediction alone 2, in the truth alone 2
    assert figures['sc_iou'] == pytest.approx(100 * 7 / 11)
    # wall 3 of 4 + 6 - 3, chair 1 of 5 + 3 - 1; no bed anywhere
    assert figures['ssc_miou'] == pytest.approx(100 * (3 / 7 + 1 / 7) / 2)
    assert figures['num_classes'] == 2
    assert figures['recall'] == dict(empty=75.0, wall=75.0, chair=20.0, bed=None)
    assert figures['confusion'] == CONFUSION.tolist()


def test_a_class_that_is_only_predicted_occurs():
    confusion = np.zeros((4, 4), int)
    confusion[1, 1], confusion[1, 3] = 1, 1
    figures = region_figures(confusion, CLASSES)
    assert figures['num_classes'] == 2 and figures['ssc_miou'] == 25.0
    assert figures['recall']['bed'] is None
    ignored = region_figures(confusion, CLASSES, ignore_index=3)
    assert ignored['num_classes'] == 1 and ignored['ssc_miou'] == 50.0


def test_what_has_nothing_to_be_counted_from_is_none():
    figures = region_figures(np.zeros((4, 4), int), CLASSES)
    assert figures['voxels'] == 0 and figures['accuracy'] is None
    empty = region_figures(np.diag([5, 0, 0, 0]), CLASSES)
    assert empty['accuracy'] == 100 and empty['recall']['empty'] == 100
    for region in (figures, empty):
        assert region['sc_iou'] is None and region['ssc_miou'] is None
        assert region['num_classes'] == 0


def test_completion_equals_that_of_the_voxels():
    rng = np.random.default_rng(0)
    pred, label = torch.from_numpy(rng.integers(0, 4, (2, 3, 4, 5)))
    counts = torch.from_numpy(rng.random((3, 4, 5)) < 0.7)
    np.testing.assert_array_equal(
        completion_counts(ssc_confusion(pred, label, counts, 4)),
        sc_counts(pred, label, counts),
    )


def test_confusions_most_frequent_first():
    pairs = list_confusions(CONFUSION, CLASSES)
    assert [(p['truth'], p['prediction'], p['voxels']) for p in pairs] == [
        ('chair', 'empty', 2),
        ('chair', 'wall', 2),
        ('empty', 'wall', 1),
        ('empty', 'chair', 1),
        ('wall', 'chair', 1),
    ]
    assert pairs[0]['percent_of_truth'] == pytest.approx(40)
    assert pairs[0]['percent_of_errors'] == pytest.approx(200 / 7)
    assert list_confusions(np.diag([1, 2, 3, 4]), CLASSES) == []


def test_report_is_fit_for_json():
    report = error_report(make_counts(), CLASSES, BinWidths(0.1, 2))
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    overall = report['overall']
    assert overall['confusion'] == (CONFUSION + np.diag([0, 2, 1, 0])).tolist()
    rows = np.array(overall['confusion_percent']).sum(axis=1)
    np.testing.assert_allclose(rows, [100, 100, 100, 0])
    assert overall['confusion_percent'][2] == pytest.approx(
        [200 / 6, 200 / 6, 200 / 6, 0]
    )
    # of the occluded voxels alone
    assert report['scores']['sc/iou'] == pytest.approx(100 * 7 / 11)
    # wall 5 of 9; chair 2 of 8; bed counts as 0
    assert report['scores']['ssc/mIoU'] == pytest.approx(100 * (5 / 9 + 2 / 8) / 3)
    assert report['occlusion']['surface']['accuracy'] == 100
    edges = [(row['from'], row['to']) for row in report['distance']['bins']]
    assert edges == [(0.2, 0.3), (0.7, 0.8)]
    assert report['distance']['unit'] == 'm' and report['distance']['width'] == 0.1


def table_rows(text, title):
    """Cells of the table below a title."""
    block = next(part for part in text.split('\n\n') if part.startswith(title))
    return [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in block.splitlines()
        if line.startswith('|')
    ]


def test_text_holds_the_numbers():
    report = error_report(make_counts(), CLASSES, BinWidths(0.1, 2))
    text = format_report(report)
    assert text.startswith('3 frames (frames without a ground truth, left out: 1)\n')
    assert '20 voxels count' in text
    assert table_rows(text, 'Confusion')[2] == [
        'wall',
        '0.0',
        '83.3',
        '16.7',
        '0.0',
        '6',
    ]
    assert table_rows(text, 'Confusion')[4] == ['bed', *'----', '0']
    assert table_rows(text, 'Most frequent')[1:] == [
        ['chair', 'empty', '2', '33.3', '28.6'],
        ['chair', 'wall', '2', '33.3', '28.6'],
        ['empty', 'wall', '1', '12.5', '14.3'],
        ['empty', 'chair', '1', '12.5', '14.3'],
        ['wall', 'chair', '1', '16.7', '14.3'],
    ]
    assert '(frames without a pose, left out: 2)' in text
    assert table_rows(text, 'Distance') == [
        ['', 'voxels', 'accuracy', 'SC IoU', 'SSC mIoU', 'classes', *CLASSES],
        ['0.2 to 0.3', '17', '58.8', '63.6', '28.6', '2', '75.0', '75.0', '20.0', '-'],
        ['0.7 to 0.8', '3', '100.0', '-', '-', '0', '100.0', '-', '-', '-'],
    ]
    assert [row[0] for row in table_rows(text, 'Surface')] == [
        '',
        'surface',
        'occluded',
        'all',
    ]
    assert table_rows(text, 'Occluded')[1][:2] == ['0 to 2', '17']
    assert 'such a voxel' not in text


def test_text_lists_the_most_frequent_confusions_alone():
    report = error_report(make_counts(), CLASSES, BinWidths(0.1, 2))
    report['confusions'] *= 4
    assert len(table_rows(format_report(report), 'Most frequent')) == 1 + 15


def test_nothing_that_counts():
    nothing = make_counts(occlusion={}, distance={}, depth={})
    report = error_report(nothing, CLASSES, BinWidths())
    assert report['overall']['voxels'] == 0 and report['confusions'] == []
    assert len(table_rows(format_report(report), 'Distance')) == 1
