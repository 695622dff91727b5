"""View of a camera, from nothing but a depth image."""

from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np

from .camera import Intrinsics
from .floor import Floor, find_floor, floor_share
from .plausibility import (
    check_camera_height,
    check_height,
    check_room,
    check_seen,
    check_tilt,
    is_possible,
    tilt_degrees,
)
from .pose import place_box
from .room_axes import check_gravity, estimate_gravity, estimate_heading
from .surface import Surface, sample_surface
from .voxel_grid import GridView, VoxelGrid

# the way things fall for a camera that looks down by 60 degrees
_STEEP = (0.0, 0.5, np.sqrt(0.75))
# metres from the origin, from where float32 is coarser than a millimetre
_FAR_AWAY = 1e4


class ViewEstimate(NamedTuple):
    """A view that was estimated, and what it says.

    Attributes:
        view (GridView): Camera and box.
        height (float): Of the camera above the floor, metres.
        tilt (float): Angle between the camera's y axis and the way things
            fall, degrees.
        floor_share (float): Of the surface's samples that lie on the floor,
            0..1; 0 if no floor is in sight, and then the height is a lower
            bound (unless it was given).
    """

    view: GridView
    height: float
    tilt: float
    floor_share: float

    def __str__(self) -> str:
        """One line for the user to judge."""
        text = (
            f'camera height {self.height:.2f} m, tilt {self.tilt:.1f} '
            f'degrees, floor {self.floor_share:.1%} of what is seen'
        )
        if self.floor_share:
            return text
        return f'{text} (no floor in sight: give --camera-height if you know it)'


def estimate_view(
    depth: np.ndarray,
    intrinsics: Intrinsics,
    grid: VoxelGrid,
    gravity: Optional[Sequence[float]] = None,
    camera_height: Optional[float] = None,
    force: bool = False,
) -> ViewEstimate:
    """Find the pose of a camera and place its box.

    Convention: the world of the SSCNet files. Z points up, the floor is at
    Z = 0, the camera stands at (0, 0, height). X and Y follow the walls,
    with the camera's right and forward within 45 degrees of them.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured". Only
            what the TSDF uses counts, 0.5 to 8 m.
        intrinsics (Intrinsics): Of the camera.
        grid (VoxelGrid): The box.
        gravity (Sequence[float], optional): (3,), the way things fall, in
            the camera frame (x right, y down, z forward). Defaults to None:
            estimated; the camera must then be tilted by less than 45
            degrees.
        camera_height (float, optional): Above the floor, metres. Defaults
            to None: estimated; where no floor is seen it is a lower bound.
        force (bool): Whether to go on where the frame seems to show no
            room, or height or tilt make no sense. Defaults to False.

    Returns:
        ViewEstimate: Camera and box, and what speaks for them.

    Raises:
        ValueError: If the image shows too little surface, no room, nothing
            below the camera or nothing in the box, if the estimate makes no
            sense, or if ``gravity`` or ``camera_height`` is no such thing.
    """
    down = None if gravity is None else check_gravity(gravity)
    if camera_height is not None:
        check_camera_height(camera_height)
    surface = sample_surface(depth, intrinsics)
    if down is None:
        floor = _search_floor(surface)
    else:
        floor = find_floor(surface, down, keeps_down=True)
    if not force:
        check_room(depth, intrinsics, floor.down, gravity is not None)
        if gravity is None:
            check_tilt(floor.down)
    floor = _settle_height(surface, floor, camera_height, force)
    right, forward = estimate_heading(surface.normals, floor.down)
    cam2world = np.eye(4)
    cam2world[:3, :3] = right, forward, -floor.down
    cam2world[2, 3] = floor.height
    view = place_box(cam2world, intrinsics, grid)
    check_seen(depth, view)
    return ViewEstimate(view, floor.height, tilt_degrees(floor.down), floor.share)


def known_view(
    depth: np.ndarray,
    cam2world: np.ndarray,
    intrinsics: Intrinsics,
    grid: VoxelGrid,
    force: bool = False,
) -> GridView:
    """Place the box of a camera whose pose is known.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        cam2world (np.ndarray): (4, 4), as in
            :func:`cleaners.geometry.pose.place_box`.
        intrinsics (Intrinsics): Of the camera.
        grid (VoxelGrid): The box.
        force (bool): Whether to go on where the frame seems to show no
            room. Defaults to False.

    Returns:
        GridView: Camera and box.

    Raises:
        ValueError: If ``cam2world`` is no pose or one far away, or the image
            shows no room or nothing in the box.
    """
    view = place_box(cam2world, intrinsics, grid)
    if np.abs(view.cam2world[:2, 3]).max() > _FAR_AWAY:
        raise ValueError(
            f'the pose is at {view.cam2world[:3, 3].tolist()}: beyond {_FAR_AWAY:g} m '
            'single precision cannot tell voxels apart; subtract the position of '
            'the room'
        )
    if not force:
        check_room(depth, intrinsics, -view.cam2world[2, :3], is_certain=True)
    check_seen(depth, view)
    return view


def _search_floor(surface: Surface) -> Floor:
    """Find the floor of a camera that is held level, or looks down."""
    floor = find_floor(surface, estimate_gravity(surface))
    if is_possible(floor):
        return floor
    steep = find_floor(surface, estimate_gravity(surface, _STEEP))
    return max(floor, steep, key=lambda found: found.share)


def _settle_height(
    surface: Surface, floor: Floor, camera_height: Optional[float], force: bool
) -> Floor:
    """Take the height that is given, or check the one that was found."""
    if camera_height is not None:
        share = floor_share(surface, floor.down, camera_height)
        return Floor(floor.down, camera_height, share)
    if floor.height <= 0:
        raise ValueError(
            'the depth image shows nothing below the camera; '
            'give --camera-height, --gravity or --pose'
        )
    if not force:
        check_height(floor.height)
    return floor
