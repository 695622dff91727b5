"""Figures of the error analysis, from its counts, and their text."""

from collections.abc import Sequence
from functools import partial
from typing import Callable, Optional

import numpy as np
from terminaltables import AsciiTable

from .ssc_error_counts import OCCLUDED, SURFACE, BinWidths, ErrorCounts, Tables
from .ssc_eval import scores_from_counts

_FIGURES = dict(accuracy='accuracy', sc_iou='SC IoU', ssc_miou='SSC mIoU')
# the most frequent, that the text lists
_NUM_CONFUSIONS = 15


def error_report(
    counts: ErrorCounts,
    classes: Sequence[str],
    widths: BinWidths,
    ignore_index: Optional[int] = None,
) -> dict:
    """Turn the counts of all frames into figures in percent.

    Args:
        counts (ErrorCounts): Of all frames.
        classes (Sequence[str]): C names, the first is the empty class.
        widths (BinWidths): Of the bins.
        ignore_index (int, optional): As of :func:`scores_from_counts`.

    Returns:
        dict: Plain numbers, lists and names, fit for JSON:

        - ``classes``, ``frames``: names, and numbers of frames;
        - ``scores``: as :func:`scores_from_counts` returns them;
        - ``overall``: :func:`region_figures` of all voxels, and
          ``confusion_percent``, where each row adds up to 100;
        - ``confusions``: of :func:`list_confusions`;
        - ``occlusion``: ``surface`` and ``occluded``;
        - ``distance``, ``depth``: ``unit``, ``width`` and ``bins``, each
          with ``from`` and ``to``.
    """
    blank = np.zeros((len(classes), len(classes)), dtype=np.int64)
    total = sum(counts.occlusion.values(), blank)
    surface, occluded = (
        counts.occlusion.get(key, blank) for key in (SURFACE, OCCLUDED)
    )
    figures = partial(region_figures, classes=classes, ignore_index=ignore_index)
    overall = figures(total)
    overall['confusion_percent'] = row_percent(total).tolist()
    return dict(
        classes=list(classes),
        frames=counts.frames,
        scores=scores_from_counts(
            total, completion_counts(occluded), classes, ignore_index
        ),
        overall=overall,
        confusions=list_confusions(total, classes),
        occlusion=dict(surface=figures(surface), occluded=figures(occluded)),
        distance=_binned(counts.distance, widths.distance, 'm', figures),
        depth=_binned(counts.depth, widths.depth, 'voxels', figures),
    )


def completion_counts(confusion: np.ndarray) -> np.ndarray:
    """Hits and errors of 'occupied', as ``sc_counts`` has them.

    Args:
        confusion (np.ndarray): (C, C), rows truth, the first class is empty.

    Returns:
        np.ndarray: (3,) true positives, false positives, false negatives.
    """
    return np.array(
        [confusion[1:, 1:].sum(), confusion[0, 1:].sum(), confusion[1:, 0].sum()]
    )


def row_percent(confusion: np.ndarray) -> np.ndarray:
    """Each row in percent of its sum; a row of zeros stays."""
    return 100.0 * confusion / np.maximum(confusion.sum(1, keepdims=True), 1)


def region_figures(
    confusion: np.ndarray, classes: Sequence[str], ignore_index: Optional[int] = None
) -> dict:
    """Figures of a part of the voxels.

    Args:
        confusion (np.ndarray): (C, C), rows truth, columns prediction.
        classes (Sequence[str]): C names, the first is the empty class.
        ignore_index (int, optional): As of :func:`scores_from_counts`.

    Returns:
        dict: ``voxels``; in percent ``accuracy``, ``sc_iou`` of occupied
        against empty, ``ssc_miou`` over the scored classes that occur
        there in truth or prediction (``num_classes`` of them) and
        ``recall`` of each class; ``confusion``. What has no voxel to be
        counted from is None.
    """
    completion = completion_counts(confusion)
    scores = scores_from_counts(confusion, completion, classes, ignore_index)
    hits, truths = np.diag(confusion), confusion.sum(axis=1)
    occurs = truths + confusion.sum(axis=0) > 0
    ious = [
        scores[key]
        for name, there in zip(classes, occurs)
        if there and (key := f'ssc/{name}') in scores
    ]
    return dict(
        voxels=int(confusion.sum()),
        accuracy=_percent(hits.sum(), confusion.sum()),
        sc_iou=scores['sc/iou'] if completion.any() else None,
        ssc_miou=float(np.mean(ious)) if ious else None,
        num_classes=len(ious),
        recall={name: _percent(*pair) for name, *pair in zip(classes, hits, truths)},
        confusion=confusion.tolist(),
    )


def list_confusions(confusion: np.ndarray, classes: Sequence[str]) -> list[dict]:
    """List the pairs of different classes, the most frequent first.

    Args:
        confusion (np.ndarray): (C, C), rows truth, columns prediction.
        classes (Sequence[str]): C names.

    Returns:
        list[dict]: ``truth``, ``prediction``, ``voxels`` (above 0),
        ``percent_of_truth`` (of the voxels of the true class) and
        ``percent_of_errors``.
    """
    wrong = confusion - np.diag(np.diag(confusion))
    order = np.argsort(-wrong, axis=None, kind='stable')
    pairs = np.column_stack(np.unravel_index(order, wrong.shape))
    return [
        dict(
            truth=classes[truth],
            prediction=classes[pred],
            voxels=int(wrong[truth, pred]),
            percent_of_truth=_percent(wrong[truth, pred], confusion[truth].sum()),
            percent_of_errors=_percent(wrong[truth, pred], wrong.sum()),
        )
        for truth, pred in pairs
        if wrong[truth, pred]
    ]


def _percent(part: int, whole: int) -> Optional[float]:
    return 100.0 * float(part) / float(whole) if whole else None


def _binned(
    tables: Tables, width: float, unit: str, figures: Callable[[np.ndarray], dict]
) -> dict:
    # without the noise of multiples such as 3 * 0.1
    edges = {
        index: [round(i * width, 9) for i in (index, index + 1)] for index in tables
    }
    return dict(
        unit=unit,
        width=width,
        bins=[
            {
                'from': edges[index][0],
                'to': edges[index][1],
                **figures(confusion),
            }
            for index, confusion in tables.items()
        ],
    )


def format_report(report: dict) -> str:
    """Format a report as plain text.

    Args:
        report (dict): Of :func:`error_report`.

    Returns:
        str: The confusion matrix in percent, the most frequent confusions,
        and the figures by distance, by occlusion and by depth.
    """
    frames = report['frames']
    parts = [
        f'{frames["scored"]} frames'
        f'{_left_out(frames, "without_ground_truth", "a ground truth")}\n'
        f'{report["overall"]["voxels"]} voxels count. Figures are percent; '
        'the column of a class is its recall.',
        _format_matrix(report),
        _format_confusions(report),
        _format_regions(
            'Distance from the camera, metres'
            f'{_left_out(frames, "without_pose", "a pose")}',
            report,
            _bin_rows(report['distance']),
        ),
        _format_regions(
            'Surface voxels (a pixel sees them) and occluded ones',
            report,
            {**report['occlusion'], 'all': report['overall']},
        ),
        _format_regions(
            'Occluded voxels, by voxels to the nearest that a pixel sees'
            f'{_left_out(frames, "without_surface", "such a voxel")}',
            report,
            _bin_rows(report['depth']),
        ),
    ]
    return '\n\n'.join(parts)


def _left_out(frames: dict[str, int], key: str, what: str) -> str:
    count = frames[key]
    return f' (frames without {what}, left out: {count})' if count else ''


def _format_matrix(report: dict) -> str:
    """The confusion matrix, each row in percent of the true class."""
    rows = [['truth \\ prediction', *report['classes'], 'voxels']]
    overall = report['overall']
    for name, percent, counts in zip(
        report['classes'], overall['confusion_percent'], overall['confusion']
    ):
        known = sum(counts) > 0
        cells = [_figure(value if known else None) for value in percent]
        rows.append([name, *cells, sum(counts)])
    return _format_table('Confusion, in percent of the row', rows)


def _format_confusions(report: dict) -> str:
    rows = [['truth', 'prediction', 'voxels', '% of truth', '% of errors']]
    for pair in report['confusions'][:_NUM_CONFUSIONS]:
        rows.append(
            [
                pair['truth'],
                pair['prediction'],
                pair['voxels'],
                _figure(pair['percent_of_truth']),
                _figure(pair['percent_of_errors']),
            ]
        )
    return _format_table('Most frequent confusions', rows)


def _bin_rows(section: dict) -> dict[str, dict]:
    return {f'{row["from"]:g} to {row["to"]:g}': row for row in section['bins']}


def _format_regions(title: str, report: dict, regions: dict[str, dict]) -> str:
    """A row of figures for each region, recall of each class at the end."""
    classes = report['classes']
    rows = [['', 'voxels', *_FIGURES.values(), 'classes', *classes]]
    for name, region in regions.items():
        rows.append(
            [
                name,
                region['voxels'],
                *(_figure(region[key]) for key in _FIGURES),
                region['num_classes'],
                *(_figure(region['recall'][key]) for key in classes),
            ]
        )
    return _format_table(title, rows)


def _format_table(title: str, rows: list[list]) -> str:
    table = AsciiTable(rows)
    table.justify_columns = dict.fromkeys(range(1, len(rows[0])), 'right')
    return f'{title}\n{table.table}'


def _figure(value: Optional[float]) -> str:
    return '-' if value is None else f'{value:.1f}'
