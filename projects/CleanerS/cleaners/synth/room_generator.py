"""Procedural furnished rooms as labelled voxel grids."""

from typing import NamedTuple, Optional

import numpy as np

from ..geometry.voxel_grid import GridView
from .furniture import (
    make_bed,
    make_chair,
    make_clutter,
    make_nightstand,
    make_shelf,
    make_sofa,
    make_table,
    make_tv_stand,
    make_wardrobe,
)
from .furniture_parts import Label, Part, Piece
from .room_canvas import Room, RoomCanvas
from .room_shell import (
    BACK,
    FRONT,
    LEFT,
    RIGHT,
    SILL,
    RoomPlan,
    build_shell,
    build_windows,
    draw_plan,
    hang_picture,
)

_OPPOSITE = {BACK: FRONT, FRONT: BACK, LEFT: RIGHT, RIGHT: LEFT}
_MAX_TRIES = 60

# what a room may hold: builder and chance
_WISHES = (
    (make_bed, 0.6),
    (make_sofa, 0.65),
    (make_tv_stand, 0.7),
    (make_wardrobe, 0.6),
    (make_shelf, 0.6),
    (make_nightstand, 0.5),
)


class _Spot(NamedTuple):
    """Where a piece stands: its footprint and what its back turns to."""

    x: tuple[float, float]
    y: tuple[float, float]
    back: int

    def overlaps(self, other: '_Spot') -> bool:
        return (
            self.x[0] < other.x[1]
            and other.x[0] < self.x[1]
            and self.y[0] < other.y[1]
            and other.y[0] < self.y[1]
        )


def generate_room(rng: np.random.Generator, view: GridView) -> Room:
    """Furnish a room in front of a camera.

    The room is open towards the camera, has a back wall and mostly side
    walls with windows, and pieces of furniture at the walls and in the
    middle, none of which overlap.

    Args:
        rng (np.random.Generator): Source of randomness.
        view (GridView): Camera and grid; world axes are the room's axes.

    Returns:
        Room: Labels and colours.
    """
    canvas = RoomCanvas(view.grid)
    plan = draw_plan(rng, view.grid)
    build_shell(rng, canvas, plan)
    windows = build_windows(rng, canvas, plan)
    spots: list[_Spot] = []

    def place(piece: Piece, at_wall: bool) -> Optional[_Spot]:
        for _ in range(_MAX_TRIES):
            spot = _draw_spot(rng, plan, piece, at_wall)
            if _is_free(spot, piece, plan, spots, windows, view):
                spots.append(spot)
                _build_piece(rng, canvas, piece, spot)
                return spot
        return None

    for make, chance in _WISHES:
        if rng.random() < chance:
            place(make(rng), at_wall=True)
    for _ in range(rng.integers(1, 3)):
        table = place(make_table(rng), at_wall=rng.random() < 0.6)
        if table is not None:
            _add_chair(rng, canvas, plan, table, spots, view)
    if rng.random() < 0.5:
        place(make_chair(rng), at_wall=False)
    for _ in range(rng.integers(2, 5)):
        place(make_clutter(rng), at_wall=rng.random() < 0.5)
    hang_picture(rng, canvas, plan)
    return Room(
        canvas.labels, canvas.instances, np.array(canvas.colours, dtype=np.uint8)
    )


def _draw_spot(
    rng: np.random.Generator, plan: RoomPlan, piece: Piece, at_wall: bool
) -> _Spot:
    """Draw a place, which need not be free."""
    back = int(rng.choice(plan.walls) if at_wall else rng.integers(4))
    size_x, size_y = piece.width, piece.depth
    if back in (LEFT, RIGHT):
        size_x, size_y = size_y, size_x
    x = rng.uniform(plan.x[0], max(plan.x[1] - size_x, plan.x[0]))
    y = rng.uniform(plan.y[0], max(plan.y[1] - size_y, plan.y[0]))
    if at_wall:
        x = {LEFT: plan.x[0], RIGHT: plan.x[1] - size_x}.get(back, x)
        y = {BACK: plan.y[1] - size_y}.get(back, y)
    return _Spot((x, x + size_x), (y, y + size_y), back)


def _is_free(
    spot: _Spot,
    piece: Piece,
    plan: RoomPlan,
    spots: list[_Spot],
    windows: list[tuple[int, tuple[float, float]]],
    view: GridView,
) -> bool:
    """Whether a piece can stand there and is in front of the camera."""
    if spot.x[1] > plan.x[1] + 1e-6 or spot.y[1] > plan.y[1] + 1e-6:
        return False
    if any(spot.overlaps(other) for other in spots):
        return False
    if piece.height > SILL:
        for wall, span in windows:
            along = spot.x if wall == BACK else spot.y
            if wall == spot.back and (along[0] < span[1] and span[0] < along[1]):
                return False
    return _is_in_view(spot, view)


def _is_in_view(spot: _Spot, view: GridView) -> bool:
    """Whether the middle of a footprint lies between the image's sides."""
    middle = np.array([np.mean(spot.x), np.mean(spot.y)])
    offset = middle + view.voxel_origin[:2] - view.cam2world[:2, 3]
    forward = view.cam2world[:2, 2] / np.linalg.norm(view.cam2world[:2, 2])
    ahead = offset @ forward
    aside = offset @ np.array([forward[1], -forward[0]])
    half_width = view.intrinsics.cx / view.intrinsics.fx
    return 1.7 < ahead and abs(aside) < half_width * ahead


def _build_piece(
    rng: np.random.Generator, canvas: RoomCanvas, piece: Piece, spot: _Spot
) -> None:
    """Paint a piece; things on it have colours of their own."""
    colours = {}
    for part in piece.parts:
        if part.label == Label.OBJECTS or part.label not in colours:
            colours[part.label] = canvas.add_colour(rng, part.label)
        x, y = _turn(part, spot)
        canvas.paint(x, y, part.z, part.label, colours[part.label])


def _turn(part: Part, spot: _Spot) -> tuple[tuple[float, float], ...]:
    """X and y of a part of a piece that stands on a spot."""
    if spot.back in (BACK, FRONT):
        along, away = spot.x, spot.y
    else:
        along, away = spot.y, spot.x
    u = (along[0] + part.u[0], along[0] + part.u[1])
    v = (away[0] + part.v[0], away[0] + part.v[1])
    if spot.back in (BACK, RIGHT):
        # these walls are at the far end of their axis
        v = (away[1] - part.v[1], away[1] - part.v[0])
    return (u, v) if spot.back in (BACK, FRONT) else (v, u)


def _add_chair(
    rng: np.random.Generator,
    canvas: RoomCanvas,
    plan: RoomPlan,
    table: _Spot,
    spots: list[_Spot],
    view: GridView,
) -> None:
    """Set a chair to the front of a table, if there is room for it."""
    chair = make_chair(rng)
    back = _OPPOSITE[table.back]
    for _ in range(_MAX_TRIES):
        gap = rng.uniform(0.02, 0.2)
        if back in (FRONT, BACK):
            x = rng.uniform(table.x[0], table.x[1] - chair.width)
            y = table.y[0] - gap - chair.depth if back == FRONT else table.y[1] + gap
            size = (chair.width, chair.depth)
        else:
            x = table.x[0] - gap - chair.depth if back == LEFT else table.x[1] + gap
            y = rng.uniform(table.y[0], table.y[1] - chair.width)
            size = (chair.depth, chair.width)
        spot = _Spot((x, x + size[0]), (y, y + size[1]), back)
        inside = x >= plan.x[0] and y >= plan.y[0]
        if inside and _is_free(spot, chair, plan, spots, [], view):
            spots.append(spot)
            _build_piece(rng, canvas, chair, spot)
            return
