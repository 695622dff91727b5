"""The rules by which published releases of NYU were prepared."""

from dataclasses import dataclass

import numpy as np

from ..datasets import data_profile, nyu
from ..geometry.cad import MISS_DEPTH_MM
from ..geometry.camera import Intrinsics
from ..geometry.frame_volumes import SensorVolumes, sensor_volumes
from ..geometry.tsdf import covered_label_weights, occlusion_label_weights
from ..geometry.voxel_grid import GridView
from ..utils.errors import InputError


@dataclass(frozen=True)
class Profile:
    """What tells one release from another; the rest is common to them.

    Args:
        name (str): As a user writes it.
        intrinsics (Intrinsics): Of the camera of NYU; own cameras have
            their own.
        dtype (type): Precision of the geometry, ``np.float32`` or
            ``np.float64``.
        unknown (float): TSDF where no distance is known: outside of the
            image, behind the camera, without a usable depth.
        counts_uncovered (bool): Whether label weights follow the occlusion
            alone (``occlusion_label_weights``), in blocks that are ignored
            or partly out of the image as well; else they leave those out
            (``covered_label_weights``).
        miss_is_free (bool): Whether a ray that hits nothing of the labels
            sees free space; else nothing is known along it, as behind a
            pixel that a sensor did not measure.
    """

    name: str
    intrinsics: Intrinsics
    dtype: type
    unknown: float
    counts_uncovered: bool
    miss_is_free: bool

    def sensor_volumes(self, depth_mm: np.ndarray, view: GridView) -> SensorVolumes:
        """Compute TSDF, mapping and coverage of a depth image.

        Args:
            depth_mm (np.ndarray): (H, W) uint16, millimetres; 0 means "not
                measured".
            view (GridView): Camera and fine grid.

        Returns:
            SensorVolumes: On the grid of blocks.

        Raises:
            ValueError: If the shapes do not fit.
        """
        return sensor_volumes(depth_mm, view, nyu.BLOCK, self.unknown, self.dtype)

    def clean_volumes(self, depth_mm: np.ndarray, view: GridView) -> SensorVolumes:
        """Compute all volumes of a clean depth image.

        Args:
            depth_mm (np.ndarray): (H, W) uint16, millimetres;
                ``MISS_DEPTH_MM`` where nothing is hit.
            view (GridView): Camera and fine grid.

        Returns:
            SensorVolumes: On the grid of blocks.

        Raises:
            ValueError: If the shapes do not fit.
        """
        if not self.miss_is_free:
            depth_mm = np.where(depth_mm == MISS_DEPTH_MM, 0, depth_mm)
        return self.sensor_volumes(depth_mm, view)

    def label_weights(self, label: np.ndarray, sensor: SensorVolumes) -> np.ndarray:
        """Decide which blocks count in losses and scores.

        Args:
            label (np.ndarray): (X, Y, Z) uint8, 0..11 or 255.
            sensor (SensorVolumes): Of the same frame.

        Returns:
            np.ndarray: (X, Y, Z) uint8, 0 or 1.

        Raises:
            ValueError: If the shapes differ.
        """
        if self.counts_uncovered:
            return occlusion_label_weights(label, sensor.tsdf, nyu.IGNORE_INDEX)
        return covered_label_weights(
            label, sensor.tsdf, sensor.outside, nyu.IGNORE_INDEX
        )


SKETCH = Profile(
    data_profile.SKETCH,
    nyu.CALIBRATED_INTRINSICS,
    np.float32,
    unknown=0.0,
    counts_uncovered=True,
    miss_is_free=False,
)
ADASSC = Profile(
    data_profile.ADASSC,
    nyu.INTRINSICS,
    np.float64,
    unknown=1.0,
    counts_uncovered=False,
    miss_is_free=True,
)
PROFILES = {profile.name: profile for profile in (SKETCH, ADASSC)}
DEFAULT_PROFILE = SKETCH.name


def get_profile(name: str) -> Profile:
    """Find a profile.

    Args:
        name (str): '3dsketch' or 'adassc'.

    Returns:
        Profile: Of that name.

    Raises:
        InputError: If there is none.
    """
    if name not in PROFILES:
        raise InputError(f'unknown profile {name!r}; choose one of {sorted(PROFILES)}')
    return PROFILES[name]
