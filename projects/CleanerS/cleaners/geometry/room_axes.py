"""Directions of a room: which way things fall, and how its walls stand."""

from collections.abc import Sequence

import numpy as np

from .surface import MIN_SAMPLES, Surface

# degrees within which a surface counts as level or upright, in turn
_GRAVITY_ROUNDS = (45.0,) * 5 + (15.0,) * 5 + (5.0,) * 5 + (2.0,) * 5
_CAMERA_Y = (0.0, 1.0, 0.0)
# small beside any difference that means something
_TIE = 1e-9
_WALL_SLACK = 10.0
# walls: degrees from one candidate to the next, and over which votes count,
# at least and at most
_TURN_STEP = 0.25
_YAW_WIDTHS = (4.0, 12.0)
_YAW_ROUNDS = 3


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
    if down.shape != (3,) or not np.isfinite(length) or length < 1e-6:
        raise ValueError(
            f'gravity should be a direction of three numbers, but got {gravity}'
        )
    return down / length


def estimate_gravity(
    surface: Surface, start: Sequence[float] = _CAMERA_Y
) -> np.ndarray:
    """Find the direction in which things fall.

    It is parallel to the normals of floors and tables and perpendicular to
    those of walls. From ``start`` on, the direction that fits best (least
    squares) to the normals that are nearly so is found again and again
    (Gupta, Arbelaez, Malik, CVPR 2013). The error of a normal grows with
    the depth, so its weight falls with the depth squared.

    Args:
        surface (Surface): What the camera sees; the sign of a normal does
            not count.
        start (Sequence[float]): (3,), of unit length, camera frame. Defaults
            to the camera's y axis.

    Returns:
        np.ndarray: (3,) float64, unit length, camera frame.
    """
    down = np.array(start)
    # the outer products of the normals, twice the weight's root each
    normals, depth = surface.normals, surface.points[:, 2:]
    weighted = normals / depth
    for slack in _GRAVITY_ROUNDS:
        cosine = np.abs(normals @ down)
        level = weighted[cosine > np.cos(np.deg2rad(slack))]
        upright = weighted[cosine < np.sin(np.deg2rad(slack))]
        spread = upright.T @ upright - level.T @ level
        # of directions that fit alike, as along a single wall, the nearest
        spread -= _TIE * np.abs(spread).max() * np.outer(down, down)
        axis = np.linalg.eigh(spread)[1][:, 0]
        down = axis if axis @ down > 0 else -axis
    return down


def estimate_heading(
    normals: np.ndarray, down: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
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
    ahead = np.array([0.0, 0.0, 1.0])
    if abs(down[2]) > np.cos(np.deg2rad(1)):
        ahead = np.array([0.0, -np.sign(down[2]), 0.0])
    forward = ahead - (ahead @ down) * down
    forward /= np.linalg.norm(forward)
    right = np.cross(down, forward)
    walls = normals[np.abs(normals @ down) < np.sin(np.deg2rad(_WALL_SLACK))]
    if len(walls) < MIN_SAMPLES:
        return right, forward
    angle = np.arctan2(walls @ right, walls @ forward)
    turn = _dominant_turn(np.rad2deg(angle))
    cosine, sine = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    return cosine * right - sine * forward, cosine * forward + sine * right


def _dominant_turn(angle: np.ndarray) -> float:
    """Angle in -45..45 degrees of which most angles are quarter turns away.

    Args:
        angle (np.ndarray): (N,), degrees.

    Returns:
        float: Degrees.
    """
    turns = np.arange(-45.0, 45.0, _TURN_STEP) + _TURN_STEP / 2
    count = np.bincount(
        ((angle + 45) % 90 / _TURN_STEP).astype(int) % len(turns), minlength=len(turns)
    )
    gap = (turns[:, None] - turns + 45) % 90 - 45
    width = _YAW_WIDTHS[0]
    for _ in range(_YAW_ROUNDS):
        votes = np.exp(-0.5 * (gap / width) ** 2) @ count
        best = turns[votes.argmax()]
        offset = (angle - best + 45) % 90 - 45
        # the noisier the normals, the more of them it takes
        width = np.clip(np.median(np.abs(offset)), *_YAW_WIDTHS)
    near = offset[np.abs(offset) < 2 * width]
    return float((best + np.median(near) + 45) % 90 - 45)
