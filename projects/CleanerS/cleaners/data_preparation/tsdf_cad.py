"""TSDF-CAD of a frame from its labels and its mapping alone."""

from typing import NamedTuple

import numpy as np

from ..datasets import nyu
from ..geometry.cad import trace_voxels
from ..geometry.camera import Intrinsics
from ..geometry.mapping_pose import MappingPose, pose_from_mapping
from ..geometry.voxel_grid import GridView
from .profile import Profile


class CleanFrame(NamedTuple):
    """The clean twin of a frame.

    Attributes:
        tsdf (np.ndarray): (60, 36, 60) float32, TSDF of the clean depth.
        depth_mm (np.ndarray): (480, 640) uint16, clean depth, millimetres;
            8000 where nothing is hit.
        pose (MappingPose): Of the camera, relative to the grid, and how
            well it explains the mapping.
    """

    tsdf: np.ndarray
    depth_mm: np.ndarray
    pose: MappingPose


def make_clean_frame(
    mapping: np.ndarray, label: np.ndarray, intrinsics: Intrinsics, profile: Profile
) -> CleanFrame:
    """Find the camera of a frame, and what it would see of the labels.

    Args:
        mapping (np.ndarray): (129600,) integers, pixel of each voxel;
            307200 for none.
        label (np.ndarray): (60, 36, 60) or (129600,), or (240, 144, 240) of
            the fine grid; integers, 0..11 or 255.
        intrinsics (Intrinsics): That the mapping was made with.
        profile (Profile): Rules of the TSDF.

    Returns:
        CleanFrame: TSDF, depth and pose.

    Raises:
        ValueError: If an array does not fit the grid, or no pose explains
            the mapping.
    """
    pose = pose_from_mapping(mapping, nyu.GRID, intrinsics, nyu.IMG_SIZE)
    view = GridView(pose.cam2world, np.zeros(3), intrinsics, nyu.FINE_GRID)
    depth_mm = clean_depth(label, view)
    return CleanFrame(profile.clean_volumes(depth_mm, view).tsdf, depth_mm, pose)


def clean_depth(label: np.ndarray, view: GridView) -> np.ndarray:
    """Render the occupied voxels.

    Args:
        label (np.ndarray): As in :func:`make_clean_frame`.
        view (GridView): Camera and fine grid.

    Returns:
        np.ndarray: (480, 640) uint16, millimetres; 8000 where nothing is
        hit.

    Raises:
        ValueError: If ``label`` is on neither grid.
    """
    occupied = nyu.is_occupied(np.asarray(label))
    if occupied.size == nyu.GRID.num_voxels:
        occupied = occupied.reshape(nyu.GRID.shape)
        for axis in range(3):
            occupied = occupied.repeat(nyu.BLOCK, axis)
    if occupied.shape != nyu.FINE_GRID.shape:
        raise ValueError(
            f'label should be {nyu.GRID.shape} or '
            f'{nyu.FINE_GRID.shape}, but got {occupied.shape}'
        )
    return trace_voxels(occupied, view, nyu.IMG_SIZE).depth_mm
