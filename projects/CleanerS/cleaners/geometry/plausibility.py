"""Whether a frame shows a room, and whether an estimate can be true."""

import numpy as np

from .camera import Intrinsics, check_depth
from .floor import Floor
from .mapping import NO_VOXEL, map_pixels
from .surface import sample_surface
from .tsdf import DEPTH_RANGE
from .voxel_grid import GridView

# what an estimate may say: metres, and degrees
HEIGHTS = (0.2, 3.5)
MAX_TILT = 45.0
# no room: this share of what is measured is nearer than this, metres
NEAR = 1.5
_NEAR_SHARE = 0.75
# unless this share of the near samples lies as low as a floor does below a
# person's camera, metres
_PERSON_DROP = 0.9
_LOW_SHARE = 0.1
# or this share is upright, so far away and so tall that it is a wall,
# metres; a camera that seems to look up by more degrees may look down on a
# table instead
_WALL_SHARE = 0.25
_WALL_SLACK = 10.0
_WALL_DISTANCE = 0.8
_WALL_EXTENT = 0.35
_MAX_LOOK_UP = 3.0


def tilt_degrees(down: np.ndarray) -> float:
    """Angle between a camera's y axis and the way things fall.

    Args:
        down (np.ndarray): (3,), of unit length, camera frame.

    Returns:
        float: 0..180 degrees.
    """
    return float(np.rad2deg(np.arccos(np.clip(down[1], -1, 1))))


def is_possible(floor: Floor) -> bool:
    """Whether an estimated floor lies where one can be.

    Args:
        floor (Floor): As estimated.

    Returns:
        bool: False if the camera would be tilted by more than 45 degrees,
        lower than 0.2 m or higher than 3.5 m.
    """
    return (
        tilt_degrees(floor.down) <= MAX_TILT
        and HEIGHTS[0] <= floor.height <= HEIGHTS[1]
    )


def check_tilt(down: np.ndarray) -> None:
    """Refuse an estimated tilt that the estimate is not made for.

    Args:
        down (np.ndarray): (3,), of unit length, camera frame.

    Raises:
        ValueError: If the camera is tilted by more than 45 degrees.
    """
    tilt = tilt_degrees(down)
    if tilt > MAX_TILT:
        raise ValueError(
            f'the camera seems to be tilted by {tilt:.0f} degrees, but more '
            f'than {MAX_TILT:.0f} cannot be estimated; give --gravity or --pose'
        )


def check_camera_height(height: float) -> None:
    """Refuse a given height that none can be.

    Args:
        height (float): Of the camera above the floor, metres.

    Raises:
        ValueError: If it is not positive and finite.
    """
    if not 0 < height < np.inf:
        raise ValueError(f'camera_height should be positive metres, but got {height}')


def check_height(height: float) -> None:
    """Refuse an estimated height that no camera in a room has.

    Args:
        height (float): Of the camera above the floor, metres.

    Raises:
        ValueError: If it is not within 0.2 to 3.5 m.
    """
    if not HEIGHTS[0] <= height <= HEIGHTS[1]:
        raise ValueError(
            f'the camera seems to stand {height:.2f} m above the floor, '
            f'which should be {HEIGHTS[0]} to {HEIGHTS[1]} m; check '
            '--depth-scale, or give --camera-height, --gravity or --pose'
        )


def check_seen(depth: np.ndarray, view: GridView) -> None:
    """Refuse a view of which the camera sees nothing.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        view (GridView): Camera and box.

    Raises:
        ValueError: If no measured point lies in the box.
    """
    if (map_pixels(depth, view) == NO_VOXEL).all():
        raise ValueError(
            'nothing that is measured lies in the box in front of the camera; '
            'check --depth-scale and --intrinsics, or give another '
            '--camera-height, --gravity or --pose'
        )


def check_room(
    depth: np.ndarray,
    intrinsics: Intrinsics,
    down: np.ndarray,
    is_certain: bool = False,
) -> None:
    """Refuse a frame that shows no room.

    It is none if nearly all of it is near, and what is near has neither a
    wall nor a floor as far below the camera as a person holds it: things on
    a table look like that.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        intrinsics (Intrinsics): Of the camera.
        down (np.ndarray): (3,), of unit length, camera frame.
        is_certain (bool): Whether ``down`` is known, not estimated.
            Defaults to False.

    Raises:
        ValueError: If it shows no room.
    """
    measured = check_depth(depth)
    measured = measured[(measured > 0) & (measured <= DEPTH_RANGE[1])]
    share = (measured < NEAR).mean() if measured.size else 0.0
    if share < _NEAR_SHARE:
        return
    can_tell = is_certain or (
        tilt_degrees(down) <= MAX_TILT and down[2] >= -np.sin(np.deg2rad(_MAX_LOOK_UP))
    )
    if not (can_tell and _has_wall_or_floor(depth, intrinsics, down)):
        raise ValueError(
            f'this is no room: {share:.0%} of what is measured is nearer '
            f'than {NEAR} m, and shows neither a wall nor the floor below a '
            'person; --force goes on all the same'
        )


def _has_wall_or_floor(
    depth: np.ndarray, intrinsics: Intrinsics, down: np.ndarray
) -> bool:
    """Whether what is near shows a wall or a floor."""
    surface = sample_surface(depth, intrinsics)
    is_near = surface.points[:, 2] < NEAR
    if not is_near.any():  # nothing near is flat
        return False
    points, normals = surface.points[is_near], surface.normals[is_near]
    drop = points @ down
    if (drop > _PERSON_DROP).mean() > _LOW_SHARE:
        return True
    distance = -(points * normals).sum(1)
    upright = np.abs(normals @ down) < np.sin(np.deg2rad(_WALL_SLACK))
    is_wall = upright & (distance > _WALL_DISTANCE)
    if is_wall.mean() < _WALL_SHARE:
        return False
    return np.ptp(np.percentile(drop[is_wall], [5, 95])) > _WALL_EXTENT
