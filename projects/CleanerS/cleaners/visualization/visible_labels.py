"""Which voxels of a frame are shown."""
from typing import Optional, Tuple

import numpy as np

from ..structures import SSCDataSample
from .voxel_mesh import IGNORE


def visible_labels(
    data_sample: SSCDataSample
) -> Tuple[Optional[np.ndarray], Optional[np.ndarray]]:
    """Labels of a frame as they are shown.

    ``IGNORE`` becomes

    - in both volumes: a voxel without ``label_weight``, which counts in no
      score;
    - in the prediction: a voxel whose label is ``IGNORE``; one that the
      sensor saw to be free; one that is out of view.

    Without ground truth and ``sensor_voxel`` the whole prediction is kept.

    Args:
        data_sample (SSCDataSample): ``pred_voxel_seg.label``,
            ``gt_voxel_seg.label`` (X, Y, Z), ``gt_voxel_seg.label_weight``
            and ``sensor_voxel`` ``free``, ``outside`` (X, Y, Z) bool; all
            optional.

    Returns:
        tuple[np.ndarray | None, np.ndarray | None]: Prediction and ground
        truth, (X, Y, Z) integer.
    """
    data_sample = data_sample.cpu().numpy()
    truth = data_sample.get('gt_voxel_seg', {})
    sensor = data_sample.get('sensor_voxel', {})
    pred = _copy(data_sample.get('pred_voxel_seg', {}), 'label')
    gt = _copy(truth, 'label')
    if pred is not None:
        for key in ('free', 'outside'):
            if key in sensor:
                pred[np.asarray(sensor.get(key))] = IGNORE
        if gt is not None:
            pred[gt == IGNORE] = IGNORE
    if 'label_weight' in truth:
        uncounted = ~np.asarray(truth.get('label_weight'), dtype=bool)
        for volume in (pred, gt):
            if volume is not None:
                volume[uncounted] = IGNORE
    return pred, gt


def _copy(voxels, key: str) -> Optional[np.ndarray]:
    """A copy of one volume, where it is there."""
    return np.array(voxels.get(key)) if key in voxels else None
