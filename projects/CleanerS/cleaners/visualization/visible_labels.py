"""Which voxels of a frame are shown."""

from typing import Optional, Union

import numpy as np

from ..structures import IGNORE, SSCDataSample, VoxelData


def visible_labels(
    data_sample: SSCDataSample, ignore_index: int = IGNORE
) -> tuple[Optional[np.ndarray], Optional[np.ndarray]]:
    """Labels of a frame as they are shown.

    A prediction is shown as the scene, where the network tells what is void.
    ``IGNORE`` becomes

    - in the ground truth, and in a prediction without scene: a voxel whose
      label is ``ignore_index``; one without ``label_weight``, which counts in
      no score;
    - in the prediction: one that the sensor saw to be free; one that is out
      of view.

    Without ground truth and ``sensor_voxel`` the whole prediction is kept.

    Args:
        data_sample (SSCDataSample): ``pred_voxel_seg.label`` or ``scene``,
            ``gt_voxel_seg.label`` (X, Y, Z), ``gt_voxel_seg.label_weight``
            and ``sensor_voxel`` ``free``, ``outside`` (X, Y, Z) bool; all
            optional.
        ignore_index (int): Label of the data set that does not count.
            Defaults to ``IGNORE``.

    Returns:
        tuple[np.ndarray | None, np.ndarray | None]: Prediction and ground
        truth, (X, Y, Z) integer.
    """
    arrays = data_sample.cpu().numpy()
    truth = arrays.get('gt_voxel_seg', {})
    sensor = arrays.get('sensor_voxel', {})
    predicted = arrays.get('pred_voxel_seg', {})
    tells_void = 'scene' in predicted
    pred = _copy(predicted, 'scene' if tells_void else 'label')
    gt = _copy(truth, 'label')
    if pred is not None:
        for key in ('free', 'outside'):
            if key in sensor:
                pred[np.asarray(sensor.get(key))] = IGNORE
    hidden = []
    if gt is not None:
        hidden.append(gt == ignore_index)
    if 'label_weight' in truth:
        hidden.append(~np.asarray(truth.get('label_weight'), dtype=bool))
    for voxels in hidden:
        for volume in (gt, None if tells_void else pred):
            if volume is not None:
                volume[voxels] = IGNORE
    return pred, gt


def unseen_voxels(data_sample: SSCDataSample) -> Optional[np.ndarray]:
    """Return which voxels in view the sensor could not see.

    Args:
        data_sample (SSCDataSample): ``sensor_voxel``, optional.

    Returns:
        np.ndarray | None: (X, Y, Z) bool; None where nothing is known.
    """
    sensor = data_sample.get('sensor_voxel')
    if sensor is None:
        return None
    free, outside, points = (
        np.asarray(sensor.get(key)) for key in ('free', 'outside', 'points')
    )
    return ~(free | outside | (points > 0))


def _copy(voxels: Union[VoxelData, dict], key: str) -> Optional[np.ndarray]:
    """A copy of one volume, where it is there."""
    return np.array(voxels.get(key)) if key in voxels else None
