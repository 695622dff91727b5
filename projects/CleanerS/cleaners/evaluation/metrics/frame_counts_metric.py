from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from ...structures import IGNORE


class FrameCountsMetric(BaseMetric):
    """Base of metrics of which a frame leaves one small row of counts.

    So that the volumes can go, and frames that a distributed sampler pads
    are dropped. Frames without ground truth leave None and do not count.
    """

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Count one batch.

        Args:
            data_batch (dict): Not read.
            data_samples (Sequence[dict]): With ``pred_voxel_seg.label``,
                ``gt_voxel_seg`` and what :meth:`count_frame` reads besides.
        """
        for sample in data_samples:
            has_truth = 'label' in sample['gt_voxel_seg']
            self.results.append(self.count_frame(sample) if has_truth else None)

    @property
    def classes(self) -> Sequence[str]:
        """Sequence[str]: Names, of the data set."""
        return self._meta['classes']

    @property
    def ignore_index(self) -> int:
        """int: Label that does not count, of the data set; 255 if it has none."""
        return self._meta.get('ignore_index', IGNORE)

    @property
    def _meta(self) -> dict:
        # what evaluates sets it, before anything is counted
        return self.dataset_meta or {}

    @abstractmethod
    def count_frame(self, sample: dict) -> Any:
        """Count a frame with ground truth; returns its row."""
