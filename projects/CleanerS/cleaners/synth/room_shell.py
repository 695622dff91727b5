"""Floor, walls, ceiling and windows of a room."""

from typing import NamedTuple

import numpy as np

from ..geometry.voxel_grid import VoxelGrid
from .furniture_parts import Label
from .room_canvas import FLOOR_LEVEL, RoomCanvas

# sides of the plan of a room
BACK, LEFT, RIGHT, FRONT = range(4)

_WALL = 0.08
_SLAB = 0.04
_CEILING_HEIGHT = (2.2, 2.5)
_SIDE_WALL_CHANCE = 0.8
# least height of a window's lower edge
SILL = 0.9


class RoomPlan(NamedTuple):
    """Inside of the room, metres from the grid's node (0, 0, 0)."""

    x: tuple[float, float]
    y: tuple[float, float]
    ceiling: float
    walls: tuple[int, ...]


def draw_plan(rng: np.random.Generator, grid: VoxelGrid) -> RoomPlan:
    """Draw the measures of a room that fits the grid."""
    width = grid.shape[0] * grid.voxel_size
    depth = grid.shape[2] * grid.voxel_size
    walls = [BACK]
    left, right = 0.0, width
    if rng.random() < _SIDE_WALL_CHANCE:
        walls.append(LEFT)
        left = rng.uniform(0.05, 0.2) * width
    if rng.random() < _SIDE_WALL_CHANCE:
        walls.append(RIGHT)
        right = rng.uniform(0.8, 0.95) * width
    back = rng.uniform(0.7, 0.95) * depth
    return RoomPlan(
        (left, right), (0.0, back), rng.uniform(*_CEILING_HEIGHT), tuple(walls)
    )


def _wall_box(
    plan: RoomPlan, wall: int, span: tuple[float, float], inset: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """X and y of a stretch of wall.

    Args:
        plan (RoomPlan): The room.
        wall (int): Which wall.
        span (tuple[float, float]): From and to, along it.
        inset (float): How far it comes into the room.
    """
    if wall == BACK:
        return span, (plan.y[1] - inset, plan.y[1] + _WALL)
    if wall == LEFT:
        return (plan.x[0] - _WALL, plan.x[0] + inset), span
    return (plan.x[1] - inset, plan.x[1] + _WALL), span


def build_shell(rng: np.random.Generator, canvas: RoomCanvas, plan: RoomPlan) -> None:
    """Build floor, ceiling and walls around empty space.

    As in NYU, only what lies beside the floor plan is ignored; the space
    under the floor and above the ceiling counts as empty.
    """
    x = (plan.x[0] - _WALL, plan.x[1] + _WALL)
    y = (plan.y[0], plan.y[1] + _WALL)
    above = (plan.ceiling, plan.ceiling + _SLAB)
    box_height = canvas.grid.shape[1] * canvas.grid.voxel_size
    canvas.paint(x, y, (-FLOOR_LEVEL, box_height), Label.EMPTY, 0)
    wall_colour = canvas.add_colour(rng, Label.WALL)
    canvas.paint(x, y, (-_SLAB, plan.ceiling + _SLAB), Label.WALL, wall_colour)
    canvas.paint(plan.x, plan.y, (0.0, plan.ceiling), Label.EMPTY, 0)
    canvas.paint(x, y, (-_SLAB, 0.0), Label.FLOOR, canvas.add_colour(rng, Label.FLOOR))
    canvas.paint(x, y, above, Label.CEILING, canvas.add_colour(rng, Label.CEILING))


def build_windows(
    rng: np.random.Generator, canvas: RoomCanvas, plan: RoomPlan
) -> list[tuple[int, tuple[float, float]]]:
    """Set windows into the walls; returns wall and stretch of each."""
    windows = []
    for wall in plan.walls:
        if rng.random() > 0.65:
            continue
        start, stop = plan.x if wall == BACK else (0.35 * plan.y[1], plan.y[1])
        width = rng.uniform(0.7, 1.5)
        left = rng.uniform(start + 0.1, max(stop - width - 0.1, start + 0.1))
        span = (left, min(left + width, stop - 0.1))
        sill = rng.uniform(SILL, 1.1)
        z = (sill, min(sill + rng.uniform(0.8, 1.2), plan.ceiling - 0.1))
        canvas.paint(
            *_wall_box(plan, wall, span, 0.0),
            z,
            Label.WINDOW,
            canvas.add_colour(rng, Label.WINDOW),
        )
        windows.append((wall, span))
    return windows


def hang_picture(rng: np.random.Generator, canvas: RoomCanvas, plan: RoomPlan) -> None:
    """Hang a picture on the back wall, over whatever is there."""
    width, height = rng.uniform(0.3, 0.8, size=2)
    left = rng.uniform(plan.x[0], plan.x[1] - width)
    bottom = rng.uniform(1.2, 1.5)
    canvas.paint(
        *_wall_box(plan, BACK, (left, left + width), 0.04),
        (bottom, bottom + height),
        Label.OBJECTS,
        canvas.add_colour(rng, Label.OBJECTS),
    )
