"""The sketch of a labelled room: where its surfaces bend or meet."""

from collections.abc import Sequence
from functools import reduce
from operator import add

import torch.nn.functional as F
from torch import Tensor

from cleaners.structures import EMPTY_CLASS

_SMOOTH, _BOX, _SLOPE = (1, 2, 1), (1, 1, 1), (1, 0, -1)
# taps along (X, Y, Z) of each filter
_FILTERS = (
    (_SMOOTH, _BOX, _SLOPE),
    (_SLOPE, _BOX, _SMOOTH),
    (_BOX, _SLOPE, _SMOOTH),
)
# of the filters, in a voxel of the sketch
_MIN_ANSWERS = 2


def make_sketch(label: Tensor, ignore_index: int = 255) -> Tensor:
    """Make the sketch of voxel labels, as the authors of 3D-Sketch.

    Three separable filters of 3x3x3 voxels look for a slope along one axis
    each; a voxel is sketch where two of them answer. They run over class
    *numbers*, so that the answers of some neighbours cancel out.

    Args:
        label (Tensor): (..., X, Y, Z), integers; outside of the grid is
            empty.
        ignore_index (int): Label that counts as empty. Defaults to 255.

    Returns:
        Tensor: The same shape, int64, 1 in the sketch and 0 elsewhere.
    """
    numbers = label.long().masked_fill(label == ignore_index, EMPTY_CLASS)
    answers = reduce(add, ((_convolve(numbers, taps) != 0).long() for taps in _FILTERS))
    return (answers >= _MIN_ANSWERS).long()


def _convolve(volume: Tensor, taps: Sequence[Sequence[int]]) -> Tensor:
    """Correlate with three taps along each of the last three axes."""
    for axis, weights in zip((-3, -2, -1), taps):
        size = volume.shape[axis]
        # pairs of paddings, the last axis first
        padded = F.pad(volume, [0, 0] * (-axis - 1) + [1, 1])
        parts = (
            weight * padded.narrow(axis, start, size)
            for start, weight in enumerate(weights)
            if weight
        )
        volume = reduce(add, parts)
    return volume
