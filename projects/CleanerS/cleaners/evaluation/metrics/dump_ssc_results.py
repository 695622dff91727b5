import mmap
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from mmdet3d.registry import METRICS
from mmengine.evaluator import DumpResults

_BLOCK = 2**26
_KEPT = ('label', 'scene')


@METRICS.register_module()
class DumpSSCResults(DumpResults):
    """Write the prediction of every frame into one pickle file.

    As mmdet's DumpDetResults it leaves out the ground truth, of which a frame
    has six times as much: an entry of the list holds ``sample_idx`` and
    ``pred_voxel_seg``, a dict with ``label``, (X, Y, Z) uint8, and ``scene``
    where the network tells what is void.

    Args:
        out_file_path (str): Of the file; ends with '.pkl' or '.pickle'.
        collect_device (str): 'cpu' or 'gpu'. Defaults to 'cpu'.
        collect_dir (str, optional): As mmengine's. Defaults to None.
    """

    def __init__(
        self,
        out_file_path: str,
        collect_device: str = 'cpu',
        collect_dir: Optional[str] = None,
    ) -> None:
        super().__init__(out_file_path, collect_device, collect_dir)
        self._store = _Store()

    def process(self, data_batch: Any, predictions: Sequence[dict]) -> None:
        """Keep the predictions of one batch.

        Args:
            data_batch (dict): Not read.
            predictions (Sequence[dict]): Data samples as dicts.
        """
        for sample in predictions:
            volumes = {
                key: self._store.keep(volume.cpu().numpy())
                for key, volume in sample['pred_voxel_seg'].items()
                if key in _KEPT
            }
            self.results.append(
                dict(sample_idx=sample['sample_idx'], pred_voxel_seg=volumes)
            )

    def compute_metrics(self, results: list) -> dict:
        """Write the file.

        Args:
            results (list): Of all processes.

        Returns:
            dict: Empty; there are no scores.
        """
        for result in results:
            volumes = result['pred_voxel_seg']
            result['pred_voxel_seg'] = {
                key: torch.from_numpy(volume) for key, volume in volumes.items()
            }
        return super().compute_metrics(results)


class _Store:
    """Arrays outside of the memory that tensors come from.

    A test keeps freed memory for the next large volume of the network. A
    small array that stayed there would make a hole too small for one: a test
    of 654 frames grew to 12 GB.
    """

    def __init__(self) -> None:
        self._block = np.empty(0, np.uint8)
        self._used = 0

    def keep(self, array: np.ndarray) -> np.ndarray:
        """Copy an array."""
        if self._used + array.nbytes > len(self._block):
            size = max(_BLOCK, array.nbytes)
            self._block = np.frombuffer(mmap.mmap(-1, size), np.uint8)
            self._used = 0
        kept = self._block[self._used : self._used + array.nbytes]
        self._used += array.nbytes
        kept = kept.view(array.dtype).reshape(array.shape)
        kept[...] = array
        return kept
