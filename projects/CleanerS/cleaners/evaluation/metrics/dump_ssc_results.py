from collections.abc import Sequence
from typing import Any

from mmdet3d.registry import METRICS
from mmengine.evaluator import DumpResults

_PREDICTION = ('sample_idx', 'pred_voxel_seg')


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

    def process(self, data_batch: Any, predictions: Sequence[dict]) -> None:
        """Keep the predictions of one batch.

        Args:
            data_batch (dict): Not read.
            predictions (Sequence[dict]): Data samples as dicts.
        """
        kept = [{key: sample[key] for key in _PREDICTION} for sample in predictions]
        super().process(data_batch, kept)
