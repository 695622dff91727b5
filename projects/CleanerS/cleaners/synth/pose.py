"""Camera poses like those of NYU: hand held, looking slightly down."""

import numpy as np

from ..datasets import nyu
from ..geometry.pose import place_box
from ..geometry.voxel_grid import GridView, VoxelGrid

CAMERA_HEIGHT = (1.2, 1.6)
PITCH_DEGREES = (5.0, 20.0)
YAW_DEGREES = (-15.0, 15.0)
ROLL_DEGREES = (-2.0, 2.0)


def make_view(
    height: float,
    pitch: float,
    yaw: float = 0.0,
    roll: float = 0.0,
    grid: VoxelGrid = nyu.FINE_GRID,
) -> GridView:
    """Place a camera, and the box in front of it by SSCNet's rule.

    Convention: world Z points up with the floor at 0; the camera stands at
    (0, 0, height) and, at zero angles, looks along world Y with world X to
    its right. Pose and origin are rounded to float32, as files keep them.

    Args:
        height (float): Of the camera, metres.
        pitch (float): Degrees, positive looks down.
        yaw (float): Degrees, positive looks to the left. Defaults to 0.
        roll (float): Degrees, positive turns the image's content clockwise.
            Defaults to 0.
        grid (VoxelGrid): The box. Defaults to NYU's at 0.02 m.

    Returns:
        GridView: Camera with NYU's intrinsics, and box.
    """
    pitch, yaw, roll = np.deg2rad([pitch, yaw, roll])
    turn = np.array(
        [
            [np.cos(yaw), -np.sin(yaw), 0.0],
            [np.sin(yaw), np.cos(yaw), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    upright = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    tilt = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.cos(pitch), np.sin(pitch)],
            [0.0, -np.sin(pitch), np.cos(pitch)],
        ]
    )
    twist = np.array(
        [
            [np.cos(roll), np.sin(roll), 0.0],
            [-np.sin(roll), np.cos(roll), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    cam2world = np.eye(4)
    cam2world[:3, :3] = turn @ upright @ tilt @ twist
    cam2world[2, 3] = height
    return place_box(cam2world, nyu.INTRINSICS, grid)


def sample_view(rng: np.random.Generator, grid: VoxelGrid = nyu.FINE_GRID) -> GridView:
    """Draw a camera pose.

    Args:
        rng (np.random.Generator): Source of randomness.
        grid (VoxelGrid): The box. Defaults to NYU's at 0.02 m.

    Returns:
        GridView: Camera with NYU's intrinsics, and box.
    """
    return make_view(
        rng.uniform(*CAMERA_HEIGHT),
        rng.uniform(*PITCH_DEGREES),
        rng.uniform(*YAW_DEGREES),
        rng.uniform(*ROLL_DEGREES),
        grid,
    )
