"""What a completed frame knows of all space."""

from typing import NamedTuple

import numpy as np

from ..evaluation.functional.surface_share import surface_share
from ..structures import EMPTY_CLASS, IGNORE, SSCDataSample
from ..structures.scene_probability import scene_probability
from ..structures.voxel_data import scene_of


class KnownScene(NamedTuple):
    """Labels of all voxels.

    Attributes:
        label (np.ndarray): (X, Y, Z) uint8: 0 is empty, 255 is not known.
        confidence (np.ndarray): (X, Y, Z) float32, in 0..1, of the label; 0
            where it is not known.
    """

    label: np.ndarray
    confidence: np.ndarray


def known_scene(sample: SSCDataSample) -> KnownScene:
    """Join a prediction with what the sensor saw.

    What the sensor looked through is empty, whatever the network says; out
    of its view nothing is known.

    Args:
        sample (SSCDataSample): Of :obj:`SSCInferencer`.
    """
    pred, sensor = sample.pred_voxel_seg, sample.sensor_voxel
    label = scene_of(pred).cpu().numpy().copy()
    confidence = scene_probability(pred).confidence.cpu().numpy().copy()
    free, outside = np.asarray(sensor.free), np.asarray(sensor.outside)
    label[free], confidence[free] = EMPTY_CLASS, 1
    label[outside], confidence[outside] = IGNORE, 0
    return KnownScene(label, confidence)


def held_surface(sample: SSCDataSample) -> float:
    """Tell how much of the visible surface a completed scene holds.

    Args:
        sample (SSCDataSample): Of :obj:`SSCInferencer`.

    Returns:
        float: Percent, of :func:`surface_share`.
    """
    return surface_share(
        np.asarray(sample.sensor_voxel.points),
        scene_of(sample.pred_voxel_seg).cpu().numpy(),
    )
