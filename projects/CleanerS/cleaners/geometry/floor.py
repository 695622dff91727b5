"""The floor that a camera sees, and how high the camera stands above it."""

from typing import NamedTuple, Optional

import numpy as np

from .surface import Surface

# degrees within which a surface counts as level
_LEVEL_SLACK = 10.0
# samples lie on a plane if their inverse depth differs by less, 1 / m: 2 cm
# at 1 m, 8 cm at 2 m along the ray
_TOLERANCE = 0.02
# the floor: a layer with this share of all samples, and below it either
# hardly any, or next to none that are lower by more than noise is (0.15 of
# the camera's height)
_FLOOR_SHARE = 0.01
_BELOW_SHARES = ((0.0, 0.004), (0.15, 0.001))
# without a floor, this many samples from the lowest
_LOWEST = 5
# a floor with the greater share of all samples says by itself what is level,
# one with the lesser nothing
_TILT_SHARES = (0.15, 0.25)
_FIT_ROUNDS = 10


class Floor(NamedTuple):
    """A level plane below a camera.

    Attributes:
        down (np.ndarray): (3,), of unit length, camera frame.
        height (float): Of the camera above it, metres.
        share (float): Of the surface's samples that lie on it; 0 if no
            floor is in sight.
    """

    down: np.ndarray
    height: float
    share: float


def find_floor(surface: Surface, down: np.ndarray, keeps_down: bool = False) -> Floor:
    """Find the floor.

    It is the lowest layer of upward surfaces, if hardly anything is below
    it; small sunken patches do not count, neither for it nor below it. A
    large floor corrects ``down``. If there is no such layer, the lowest
    samples stand for it, and the true height is at least the one returned.

    Args:
        surface (Surface): What the camera sees.
        down (np.ndarray): (3,), of unit length, camera frame.
        keeps_down (bool): Whether ``down`` is certain. Defaults to False.

    Returns:
        Floor: The floor; its height is not positive if nothing lies below
        the camera.
    """
    solid = surface
    # where most of it is sunken the depth image is in pieces
    if surface.is_sunken.mean() < 0.5:
        solid = Surface(*(values[~surface.is_sunken] for values in surface))
    height = _layer_height(solid, down)
    if height is None:
        drop = np.sort(solid.points @ down)
        return Floor(down, float(drop[-_LOWEST:][0]), 0.0)
    return _fit_floor(surface, down, height, keeps_down)


def floor_share(surface: Surface, down: np.ndarray, height: float) -> float:
    """Share of samples on a floor.

    Args:
        surface (Surface): What the camera sees.
        down (np.ndarray): (3,), of unit length, camera frame.
        height (float): Of the camera above the floor, metres.

    Returns:
        float: 0..1.
    """
    return float(_on_floor(surface, down, height).mean())


def _is_level(surface: Surface, down: np.ndarray) -> np.ndarray:
    """Whether samples lie on upward surfaces, (N,) bool."""
    return surface.normals @ down < -np.cos(np.deg2rad(_LEVEL_SLACK))


def _layer_height(surface: Surface, down: np.ndarray) -> Optional[float]:
    """Height of the camera above the layer that counts as the floor."""
    drop = surface.points @ down
    level = _is_level(surface, down)
    # least and greatest height of a floor that a sample may lie on
    slack = _TOLERANCE * surface.points[:, 2]
    least, greatest = drop / (1 + slack), drop / (1 - slack)
    heights = drop[level & (drop > 0)]
    support = _count_above(greatest[level], heights) - _count_above(
        least[level], heights
    )
    is_lowest = np.zeros(len(heights), dtype=bool)
    for margin, share in _BELOW_SHARES:
        below = _count_above(least, heights * (1 + margin))
        is_lowest |= below < share * len(drop)
    is_floor = is_lowest & (support > _FLOOR_SHARE * len(drop))
    if not is_floor.any():
        return None
    return float(heights[np.where(is_floor, support, 0).argmax()])


def _count_above(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """How many of the values are greater than each limit."""
    return len(values) - np.searchsorted(np.sort(values), limits, 'right')


def _on_floor(surface: Surface, down: np.ndarray, height: float) -> np.ndarray:
    """Whether samples lie on a floor, (N,) bool."""
    z = surface.points[:, 2]
    # inverse depth is linear in the ray on a plane
    gap = (surface.points @ down / height - 1) / z
    return _is_level(surface, down) & (np.abs(gap) < _TOLERANCE)


def _fit_floor(
    surface: Surface, down: np.ndarray, height: float, keeps_down: bool
) -> Floor:
    """Fit a plane to all samples on a floor that is about known."""
    chosen = _on_floor(surface, down, height)
    weight = np.interp(chosen.mean(), _TILT_SHARES, (0, 1))
    if weight > 0 and not keeps_down:
        down = down + weight * (_floor_down(surface, down, height) - down)
        down /= np.linalg.norm(down)
    # with the samples from before the turn, for it moves near ones off the
    # plane
    for _ in range(_FIT_ROUNDS):
        points = surface.points[chosen]
        # least squares in inverse depth, as everywhere
        along, inverse = points @ down / points[:, 2], 1 / points[:, 2]
        height = float(along @ along / (along @ inverse))
        chosen = _on_floor(surface, down, height)
        if not chosen.any():
            break
    return Floor(down, height, float(chosen.mean()))


def _floor_down(surface: Surface, down: np.ndarray, height: float) -> np.ndarray:
    """Direction across the plane that fits best to a floor's samples."""
    for _ in range(_FIT_ROUNDS):
        points = surface.points[_on_floor(surface, down, height)]
        plane = np.linalg.lstsq(points / points[:, 2:], 1 / points[:, 2], rcond=None)[0]
        height = float(1 / np.linalg.norm(plane))
        down = plane * height
    return down
