"""What a page shows of one frame."""

from collections.abc import Sequence
from typing import NamedTuple, Optional, Union

import numpy as np

from ..geometry.camera import Intrinsics


class SceneView(NamedTuple):
    """What a page shows of one frame.

    Convention: volumes have the axes (sideways, height, depth) and the
    camera is as docs/conventions.md says. What is None is not shown.

    Attributes:
        prediction (np.ndarray): (X, Y, Z) uint8, class of each voxel; 0 is
            empty, 255 not shown.
        truth (np.ndarray, optional): (X, Y, Z) uint8, in the same way; 255
            does not count as an error.
        surface (np.ndarray, optional): (X, Y, Z) bool, voxels with a
            surface that a pixel sees.
        confidence (np.ndarray, optional): (X, Y, Z) float, 0..1, of the
            predicted class; kept in whole percent.
        unseen (np.ndarray, optional): (X, Y, Z) bool, voxels that the
            sensor could not see.
        photo (np.ndarray, optional): (H, W, 3) uint8, RGB.
        depth (np.ndarray, optional): (H, W, 3) uint8, RGB, a picture of the
            depth.
        cam2world (np.ndarray, optional): (4, 4), metres.
        intrinsics (Intrinsics, optional): Of the camera, in pixels of
            ``photo``, or of ``depth`` without one. The camera is shown
            where pose, intrinsics and a picture are there.
        voxel_size (float): Edge of a voxel, metres. Defaults to 0.08.
        voxel_origin (Sequence[float] | np.ndarray): World X, Y, Z of grid node
            (0, 0, 0), metres. Defaults to (0, 0, 0).
    """

    prediction: np.ndarray
    truth: Optional[np.ndarray] = None
    surface: Optional[np.ndarray] = None
    confidence: Optional[np.ndarray] = None
    unseen: Optional[np.ndarray] = None
    photo: Optional[np.ndarray] = None
    depth: Optional[np.ndarray] = None
    cam2world: Optional[np.ndarray] = None
    intrinsics: Optional[Intrinsics] = None
    voxel_size: float = 0.08
    voxel_origin: Union[Sequence[float], np.ndarray] = (0.0, 0.0, 0.0)
