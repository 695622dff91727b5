from typing import Dict, List, Optional, Sequence

import numpy as np
from mmdet3d.registry import METRICS
from mmengine.evaluator import BaseMetric
from torch import Tensor

from ..functional.ssc_eval import EMPTY_CLASS, percent


@METRICS.register_module()
class OccupiedShareMetric(BaseMetric):
    """How much of the space that no score counts is called occupied.

    The protocol '3dsketch' leaves out most of the grid, and so does the
    loss: what a network says there shows only when a room is drawn. In
    percent of the voxels

    - ``occupied/free``: that are empty and have no label weight, which is
      visible free space;
    - ``occupied/ignored``: whose label is the one that does not count, which
      is outside of the view and of the room.

    ``ignore_index`` is the data set's (``dataset_meta``). Frames without
    ground truth do not count.
    """

    default_prefix = 'occupied'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Count one batch.

        Args:
            data_batch (dict): Not read.
            data_samples (Sequence[dict]): With ``pred_voxel_seg.label`` and
                ``gt_voxel_seg``.
        """
        for sample in data_samples:
            truth = sample['gt_voxel_seg']
            if 'label' not in truth:
                self.results.append(None)
                continue
            label = truth['label']
            occupied = sample['pred_voxel_seg']['label'] != EMPTY_CLASS
            self.results.append(
                occupied_counts(
                    occupied.to(label.device), label, truth['label_weight'],
                    self.dataset_meta['ignore_index']))

    def compute_metrics(
            self, results: List[Optional[np.ndarray]]) -> Dict[str, float]:
        """Sum the counts of all frames; without any there is nothing."""
        results = [row for row in results if row is not None]
        if not results:
            return {}
        occupied, voxels = np.sum(results, axis=0)
        return {
            name: percent(*pair)
            for name, pair in zip(('free', 'ignored'), zip(occupied, voxels))
        }


def occupied_counts(occupied: Tensor, label: Tensor, label_weight: Tensor,
                    ignore_index: int) -> np.ndarray:
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
    return np.array([[int((occupied & region).sum()) for region in regions],
                     [int(region.sum()) for region in regions]])
