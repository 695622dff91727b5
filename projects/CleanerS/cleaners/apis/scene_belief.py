"""A completed frame as evidence for a map of several frames."""

import numpy as np
import torch

from ..geometry.fusion import MAX_LOG_ODDS, SceneBelief
from ..geometry.voxel_grid import VoxelGrid
from ..structures import SSCDataSample
from ..structures.scene_probability import scene_probability

# from (sideways, height, depth) to world X, Y, Z
_AXES = np.eye(4)[[0, 2, 1, 3]]
_TINY = 1e-6


def scene_belief(sample: SSCDataSample, cam2world: np.ndarray) -> SceneBelief:
    """Turn a completed frame into evidence.

    What the sensor looked through is free, whatever the network says; out of
    its view the frame says nothing.

    Args:
        sample (SSCDataSample): Of :obj:`SSCInferencer`.
        cam2world (np.ndarray): (4, 4), the pose that it was given, in the
            world of all frames.

    Returns:
        SceneBelief: For :func:`fuse_scenes`.
    """
    probability = scene_probability(sample.pred_voxel_seg)
    log_odds = torch.logit(probability.occupied, eps=_TINY).cpu().numpy()
    log_odds[np.asarray(sample.sensor_voxel.free)] = -MAX_LOG_ODDS
    log_odds[np.asarray(sample.sensor_voxel.outside)] = 0
    x, y, z = log_odds.shape
    log_prob = probability.classes.clamp(min=_TINY).log().cpu().numpy()

    # the frame's own world is turned until its camera looks along Y
    corner = np.eye(4)
    corner[:3, 3] = sample.voxel_origin
    to_world = np.asarray(cam2world) @ np.linalg.inv(np.asarray(sample.cam2world))
    return SceneBelief(
        log_odds,
        log_prob,
        VoxelGrid((x, y, z), sample.voxel_size),
        to_world @ corner @ _AXES,
        np.asarray(sample.sensor_voxel.points) > 0,
    )
