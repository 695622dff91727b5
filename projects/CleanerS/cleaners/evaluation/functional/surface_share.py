"""Whether a completed scene holds what the sensor saw; needs no labels."""

import numpy as np
from scipy.ndimage import binary_dilation

from ...structures import EMPTY_CLASS
from .ssc_eval import percent

# a voxel and those that share a face, an edge or a corner with it
_NEAR = np.ones((3, 3, 3), dtype=bool)


def surface_share(points: np.ndarray, scene: np.ndarray) -> float:
    """Tell how much of the visible surface lies near occupied voxels.

    Args:
        points (np.ndarray): (X, Y, Z) integer, measured points in each voxel.
        scene (np.ndarray): (X, Y, Z) integer, predicted class of each voxel.

    Returns:
        float: Percent of the points whose voxel, or one next to it, is
        predicted to be occupied; 0 without any point.
    """
    near = binary_dilation(scene != EMPTY_CLASS, _NEAR)
    return percent(int(points[near].sum()), int(points.sum()))
