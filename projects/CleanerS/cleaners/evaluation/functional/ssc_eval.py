"""Counts and scores of semantic scene completion (METHOD section 5)."""

from collections.abc import Sequence
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ...structures import EMPTY_CLASS


def ssc_confusion(
    pred: Tensor, label: Tensor, counted: Tensor, num_classes: int
) -> np.ndarray:
    """Count the pairs of true and predicted class.

    Args:
        pred (Tensor): Predicted classes, any shape.
        label (Tensor): True classes, the same shape.
        counted (Tensor): bool, the voxels that count, the same shape.
        num_classes (int): C, with the empty class.

    Returns:
        np.ndarray: (C, C) int64, rows truth, columns prediction.
    """
    # a bin of its own for what does not count: faster than leaving it out
    other = num_classes**2
    pairs = torch.where(counted, label.long() * num_classes + pred, other)
    table = torch.bincount(pairs.flatten(), minlength=other + 1)
    return table[:-1].reshape(num_classes, num_classes).cpu().numpy()


def sc_counts(pred: Tensor, label: Tensor, counted: Tensor) -> np.ndarray:
    """Count hits and errors of 'occupied' (any class but empty).

    Args:
        pred (Tensor): Predicted classes, any shape.
        label (Tensor): True classes, the same shape.
        counted (Tensor): bool, the voxels that count: the occluded ones.

    Returns:
        np.ndarray: (3,) int64: true positives, false positives, false
        negatives.
    """
    predicted = (pred != EMPTY_CLASS) & counted
    occupied = (label != EMPTY_CLASS) & counted
    hits, positives, truths = (
        voxels.count_nonzero() for voxels in (predicted & occupied, predicted, occupied)
    )
    return torch.stack([hits, positives - hits, truths - hits]).cpu().numpy()


def scores_from_counts(
    confusion: np.ndarray,
    completion: np.ndarray,
    classes: Sequence[str],
    ignore_index: Optional[int] = None,
) -> dict[str, float]:
    """Turn counts, summed over frames, into scores in percent.

    A class that occurs neither in truth nor in prediction scores 0 and stays
    in the mean, as in the published tables. One that is ignored has no score.

    Args:
        confusion (np.ndarray): (C, C) of :func:`ssc_confusion`.
        completion (np.ndarray): (3,) of :func:`sc_counts`.
        classes (Sequence[str]): C names, the first is the empty class.
        ignore_index (int, optional): Label that does not count, which may be
            one of the classes. Defaults to None.

    Returns:
        dict[str, float]: ``sc/precision``, ``sc/recall``, ``sc/iou``,
        ``ssc/<class>`` of every class but empty and ignored, ``ssc/mIoU``.
    """
    hit, wrong, missed = (int(count) for count in completion)
    scores = {
        'sc/precision': percent(hit, hit + wrong),
        'sc/recall': percent(hit, hit + missed),
        'sc/iou': percent(hit, hit + wrong + missed),
    }
    hits = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - hits
    ious = {
        f'ssc/{name}': percent(hits[index], union[index])
        for index, name in enumerate(classes)
        if index not in (EMPTY_CLASS, ignore_index)
    }
    scores.update(ious)
    scores['ssc/mIoU'] = float(np.mean(list(ious.values())))
    return scores


def percent(part: int, whole: int) -> float:
    """A share in percent; 0 of nothing."""
    return 100.0 * float(part) / max(float(whole), 1.0)
