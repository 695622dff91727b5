"""Pose of a camera and its box."""

import numpy as np

from .camera import Intrinsics
from .voxel_grid import GridView, VoxelGrid

# the box is centred this far in front of the camera and starts this far
# below the floor, metres (the rule of SSCNet)
BOX_DISTANCE = 3.4
BOX_BOTTOM = -0.05


def place_box(
    cam2world: np.ndarray, intrinsics: Intrinsics, grid: VoxelGrid
) -> GridView:
    """Place the box in front of a camera whose pose is known.

    Convention: the centre of the box lies 3.4 m in front of the camera,
    along its optical axis; then the bottom of the box is moved to 0.05 m
    below the floor. Pose and origin are rounded to float32, as files keep
    them.

    Args:
        cam2world (np.ndarray): (4, 4), camera to world, metres; world Z
            points up, the floor is at Z = 0.
        intrinsics (Intrinsics): Of the camera.
        grid (VoxelGrid): The box.

    Returns:
        GridView: Camera and box.

    Raises:
        ValueError: If ``cam2world`` is no pose.
    """
    cam2world = check_pose(cam2world)
    extent = np.array(grid.shape)[[0, 2, 1]] * grid.voxel_size
    origin = cam2world[:3] @ [0.0, 0.0, BOX_DISTANCE, 1.0] - extent / 2
    origin[2] = BOX_BOTTOM
    return GridView(
        cam2world.astype(np.float32), origin.astype(np.float32), intrinsics, grid
    )


def face_forward(cam2world: np.ndarray) -> np.ndarray:
    """Turn the world by quarter turns until the camera looks along Y.

    The grid needs a camera that looks within 45 degrees of world Y; the
    walls of a world that follows them stay along its axes.

    Args:
        cam2world (np.ndarray): (4, 4), camera to world, Z up.

    Returns:
        np.ndarray: (4, 4) float64, the pose in the turned world.

    Raises:
        ValueError: If ``cam2world`` is no pose.
    """
    cam2world = check_pose(cam2world)
    x, y = cam2world[:2, 2]
    quarters = round(np.arctan2(x, y) / (np.pi / 2))
    turn = np.eye(4)
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    turn[:2, :2] = np.linalg.matrix_power(quarter, quarters % 4)
    return turn @ cam2world


def check_pose(cam2world: np.ndarray) -> np.ndarray:
    """Check a pose.

    Args:
        cam2world (np.ndarray): (4, 4), camera to world.

    Returns:
        np.ndarray: (4, 4) float64.

    Raises:
        ValueError: If it is no rotation and translation.
    """
    pose = np.array(cam2world, dtype=np.float64)
    if pose.shape != (4, 4) or not np.isfinite(pose).all():
        raise ValueError(
            f'a pose should be 4 x 4 finite numbers, but got {pose.tolist()}'
        )
    rotation = pose[:3, :3]
    if not (
        np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3)
        and np.linalg.det(rotation) > 0
        and np.allclose(pose[3], [0, 0, 0, 1])
    ):
        raise ValueError(
            'a pose should be a rotation and a translation with '
            f'the last row 0 0 0 1, but got {pose.tolist()}'
        )
    return pose
