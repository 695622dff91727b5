from typing import Optional

import numpy as np
from mmdet3d.registry import METRICS
from torch import Tensor

from ...structures import EMPTY_CLASS
from ...structures.voxel_data import scene_of
from ..functional.ssc_eval import percent
from .frame_counts_metric import FrameCountsMetric


@METRICS.register_module()
class OccupiedShareMetric(FrameCountsMetric):
    """How much of the space that no score counts is called occupied.

    The protocol '3dsketch' leaves out most of the grid, and so does the
    loss: what a network says there shows only when a room is drawn, without
    what it calls void, where it tells. In percent of the voxels

    - ``occupied/free``: that are empty and have no label weight, which is
      visible free space;
    - ``occupied/ignored``: whose label is the one that does not count, which
      is outside of the view and of the room.

    ``ignore_index`` is the data set's (``dataset_meta``).
    """

    default_prefix = 'occupied'

    def count_frame(self, sample: dict) -> np.ndarray:
        """Count the voxels of both kinds."""
        truth = sample['gt_voxel_seg']
        occupied = scene_of(sample['pred_voxel_seg']) != EMPTY_CLASS
        return occupied_counts(
            occupied.to(truth['label'].device),
            truth['label'],
            truth['label_weight'],
            self.ignore_index,
        )

    def compute_metrics(self, results: list[Optional[np.ndarray]]) -> dict[str, float]:
        """Sum the counts of all frames; without any there is nothing."""
        rows = [row for row in results if row is not None]
        if not rows:
            return {}
        occupied, voxels = np.sum(rows, axis=0)
        return {
            name: percent(*pair)
            for name, pair in zip(('free', 'ignored'), zip(occupied, voxels))
        }


def occupied_counts(
    occupied: Tensor, label: Tensor, label_weight: Tensor, ignore_index: int
) -> np.ndarray:
    """Count voxels of visible free space and voxels without a label.

    Args:
        occupied (Tensor): bool, what a network says, any shape.
        label (Tensor): True classes, the same shape.
        label_weight (Tensor): bool, the same shape.
        ignore_index (int): Label that does not count.

    Returns:
        np.ndarray: (2, 2) int64: called occupied, and all; of the free, and
        of those without a label.
    """
    regions = ((label == EMPTY_CLASS) & ~label_weight, label == ignore_index)
    return np.array(
        [
            [int((occupied & region).sum()) for region in regions],
            [int(region.sum()) for region in regions],
        ]
    )
