"""Pose of a camera and its box, from nothing but a depth image."""

from typing import NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np

from .camera import Intrinsics, check_depth, pixel_rays
from .voxel_grid import GridView, VoxelGrid

# the box is centred this far in front of the camera and starts this far
# below the floor, metres (the rule of SSCNet)
BOX_DISTANCE = 3.4
BOX_BOTTOM = -0.05

# normals: half a window in pixels, distance of the samples, and how thick
# a window's points may lie around their plane, as a part of the depth
_WINDOW = 9
_STRIDE = 4
_MIN_MEASURED = .6
_MAX_THICKNESS = .012
_MIN_NORMALS = 200
# degrees within which a surface counts as horizontal or vertical, in turn
_GRAVITY_ROUNDS = (45., ) * 5 + (15., ) * 5 + (5., ) * 5
_WALL_SLACK = 10.
_YAW_WIDTH = 4.
# the floor: a layer of upright normals this thick with this share of all
# samples, and less than this share below it
_LAYER = .04
_FLOOR_SHARE = .01
_BELOW_SHARE = .004
_LOWEST_PERCENTILE = 99.95


class Surface(NamedTuple):
    """Samples of the surface that a depth image shows.

    Convention: camera frame (x right, y down, z forward).

    Attributes:
        points (np.ndarray): (N, 3) float64, metres.
        normals (np.ndarray): (N, 3) float64, unit length, towards the
            camera.
    """

    points: np.ndarray
    normals: np.ndarray


def estimate_view(depth: np.ndarray,
                  intrinsics: Intrinsics,
                  grid: VoxelGrid,
                  gravity: Optional[Sequence[float]] = None,
                  camera_height: Optional[float] = None) -> GridView:
    """Find the pose of a camera and place its box.

    Convention: the world of the SSCNet files. Z points up, the floor is at
    Z = 0, the camera stands at (0, 0, height). X and Y follow the walls,
    with the camera's right and forward within 45 degrees of them.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        intrinsics (Intrinsics): Of the camera.
        grid (VoxelGrid): The box.
        gravity (Sequence[float], optional): (3,), the way things fall, in
            the camera frame (x right, y down, z forward). Defaults to None:
            estimated; the camera must then be tilted by less than 45
            degrees.
        camera_height (float, optional): Above the floor, metres. Defaults
            to None: estimated; where no floor is seen it is a lower bound.

    Returns:
        GridView: Camera and box.

    Raises:
        ValueError: If the image shows too little surface, or ``gravity`` or
            ``camera_height`` is no such thing.
    """
    surface = sample_surface(depth, intrinsics)
    if gravity is None:
        down = estimate_gravity(surface.normals)
    else:
        down = check_gravity(gravity)
    right, forward = estimate_heading(surface.normals, down)
    if camera_height is None:
        camera_height = estimate_height(surface, down)
    elif not 0 < camera_height < np.inf:
        raise ValueError('camera_height should be positive metres, but got '
                         f'{camera_height}')
    cam2world = np.eye(4)
    cam2world[:3, :3] = right, forward, -down
    cam2world[2, 3] = camera_height
    return place_box(cam2world, intrinsics, grid)


def place_box(cam2world: np.ndarray, intrinsics: Intrinsics,
              grid: VoxelGrid) -> GridView:
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
    origin = cam2world[:3] @ [0., 0., BOX_DISTANCE, 1.] - extent / 2
    origin[2] = BOX_BOTTOM
    return GridView(
        cam2world.astype(np.float32), origin.astype(np.float32), intrinsics,
        grid)


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
    quarter = np.array([[0., -1.], [1., 0.]])
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
        raise ValueError('a pose should be 4 x 4 finite numbers, but got '
                         f'{cam2world}')
    rotation = pose[:3, :3]
    if not (np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3)
            and np.linalg.det(rotation) > 0
            and np.allclose(pose[3], [0, 0, 0, 1])):
        raise ValueError('a pose should be a rotation and a translation with '
                         f'the last row 0 0 0 1, but got {pose.tolist()}')
    return pose


def check_gravity(gravity: Sequence[float]) -> np.ndarray:
    """Check and normalise the direction in which things fall.

    Args:
        gravity (Sequence[float]): (3,), camera frame.

    Returns:
        np.ndarray: (3,) float64, unit length.

    Raises:
        ValueError: If it is not three finite numbers with a direction.
    """
    down = np.array(gravity, dtype=np.float64)
    length = np.linalg.norm(down)
    if down.shape != (3, ) or not np.isfinite(length) or length < 1e-6:
        raise ValueError('gravity should be a direction of three numbers, '
                         f'but got {gravity}')
    return down / length


def sample_surface(depth: np.ndarray, intrinsics: Intrinsics) -> Surface:
    """Fit small planes to a depth image.

    Every fourth pixel is sampled; its normal is the thinnest direction of
    the points in a window around it. Windows with holes or steps in them
    are left out.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        intrinsics (Intrinsics): Of the camera.

    Returns:
        Surface: What is flat enough.

    Raises:
        ValueError: If hardly anything is.
    """
    depth = check_depth(depth)
    rays = pixel_rays(intrinsics, depth.shape).reshape(*depth.shape, 3)
    share, mean, covariance = _window_moments(rays * depth[..., None], depth
                                              > 0)
    kept = np.zeros(depth.shape, dtype=bool)
    kept[::_STRIDE, ::_STRIDE] = True
    kept &= (depth > 0) & (share > _MIN_MEASURED)
    variance, axes = np.linalg.eigh(covariance[kept])
    flat = np.sqrt(np.maximum(variance[:, 0],
                              0)) < _MAX_THICKNESS * mean[kept][:, 2]
    if flat.sum() < _MIN_NORMALS:
        raise ValueError('the depth image shows too little surface to '
                         'estimate a pose from; give the pose')
    # the mean of a window at the border of a surface lies inside of it
    points = (rays * depth[..., None])[kept][flat]
    normals = axes[flat][:, :, 0]
    away = (points * normals).sum(1) > 0
    normals[away] *= -1
    return Surface(points, normals)


def estimate_gravity(normals: np.ndarray) -> np.ndarray:
    """Find the direction in which things fall.

    It is parallel to the normals of floors and tables and perpendicular to
    those of walls. Starting from the camera's y axis, the direction that
    fits best (least squares) to the normals that are nearly so is found
    again and again (Gupta, Arbelaez, Malik, CVPR 2013).

    Args:
        normals (np.ndarray): (N, 3), camera frame; the sign does not count.

    Returns:
        np.ndarray: (3,) float64, unit length, camera frame.
    """
    down = np.array([0., 1., 0.])
    for slack in _GRAVITY_ROUNDS:
        cosine = np.abs(normals @ down)
        level = normals[cosine > np.cos(np.deg2rad(slack))]
        upright = normals[cosine < np.sin(np.deg2rad(slack))]
        spread = upright.T @ upright - level.T @ level
        axis = np.linalg.eigh(spread)[1][:, 0]
        down = axis if axis @ down > 0 else -axis
    return down


def estimate_heading(normals: np.ndarray,
                     down: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Find the directions of the walls.

    Walls are taken to stand at right angles. Of their four directions the
    one nearest to the optical axis is forward. Without walls, the optical
    axis itself is.

    Args:
        normals (np.ndarray): (N, 3), camera frame.
        down (np.ndarray): (3,), of unit length.

    Returns:
        tuple[np.ndarray, np.ndarray]: Right and forward, (3,) each,
        horizontal, camera frame.
    """
    # looking straight up or down, the top of the image takes over
    ahead = np.array([0., 0., 1.])
    if abs(down[2]) > np.cos(np.deg2rad(1)):
        ahead = np.array([0., -np.sign(down[2]), 0.])
    forward = ahead - (ahead @ down) * down
    forward /= np.linalg.norm(forward)
    right = np.cross(down, forward)
    walls = normals[np.abs(normals @ down) < np.sin(np.deg2rad(_WALL_SLACK))]
    if len(walls) < _MIN_NORMALS:
        return right, forward
    angle = np.arctan2(walls @ right, walls @ forward)
    turn = _dominant_turn(np.rad2deg(angle))
    cosine, sine = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    return cosine * right - sine * forward, cosine * forward + sine * right


def estimate_height(surface: Surface, down: np.ndarray) -> float:
    """Find how high a camera stands.

    The floor is the lowest layer of upward surfaces, if hardly anything is
    below it. If there is no such layer, the lowest sample stands for it,
    and the true height is at least the one returned.

    Args:
        surface (Surface): What the camera sees.
        down (np.ndarray): (3,), of unit length, camera frame.

    Returns:
        float: Metres above the floor.

    Raises:
        ValueError: If nothing lies below the camera.
    """
    depths = surface.points @ down
    lowest = np.percentile(depths, _LOWEST_PERCENTILE)
    if lowest <= 0:
        raise ValueError('the depth image shows nothing below the camera; '
                         'give the camera height')
    flat = surface.normals @ down < -np.cos(np.deg2rad(_WALL_SLACK))
    level = np.sort(depths[flat & (depths > 0)])
    support = np.searchsorted(level, level + _LAYER) - np.arange(len(level))
    below = len(depths) - np.searchsorted(np.sort(depths), level + 2 * _LAYER)
    is_floor = ((support > _FLOOR_SHARE * len(depths))
                & (below < _BELOW_SHARE * len(depths)))
    if not is_floor.any():
        return float(lowest)
    start = level[is_floor][support[is_floor].argmax()]
    return float(
        np.median(level[(level >= start) & (level <= start + _LAYER)]))


def _window_moments(
        points: np.ndarray,
        measured: np.ndarray) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of the measured points in a window around every pixel.

    Args:
        points (np.ndarray): (H, W, 3) float64; zeros where not measured.
        measured (np.ndarray): (H, W) bool.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: Measured share (H, W),
        mean (H, W, 3) and covariance (H, W, 3, 3).
    """
    size = (2 * _WINDOW + 1, ) * 2

    def blur(image: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(
            image, cv2.CV_64F, size, borderType=cv2.BORDER_CONSTANT)

    share = blur(measured.astype(np.float64))
    weight = np.maximum(share, 1e-9)[..., None]
    mean = blur(points) / weight
    squares = (points[..., :, None] * points[..., None, :]).reshape(
        *measured.shape, 9)
    second = np.concatenate([blur(squares[..., i:i + 3]) for i in (0, 3, 6)],
                            axis=-1) / weight
    covariance = second.reshape(*measured.shape, 3, 3)
    covariance -= mean[..., :, None] * mean[..., None, :]
    return share, mean, covariance


def _dominant_turn(angle: np.ndarray) -> float:
    """Angle in -45..45 degrees of which most angles are quarter turns away.

    Args:
        angle (np.ndarray): (N,), degrees.

    Returns:
        float: Degrees.
    """
    candidates = np.arange(-45., 45., .5)
    offset = (angle[None] - candidates[:, None] + 45) % 90 - 45
    votes = np.exp(-.5 * (offset / _YAW_WIDTH)**2).sum(1)
    best = votes.argmax()
    near = offset[best][np.abs(offset[best]) < 2 * _YAW_WIDTH]
    return float((candidates[best] + np.median(near) + 45) % 90 - 45)
