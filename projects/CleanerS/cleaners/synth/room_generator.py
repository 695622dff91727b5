"""Procedural furnished rooms as labelled voxel grids."""

from dataclasses import dataclass
from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from ..geometry.voxel_grid import GridView, VoxelGrid
from .furniture import (Label, Part, Piece, make_bed, make_chair, make_clutter,
                        make_nightstand, make_shelf, make_sofa, make_table,
                        make_tv_stand, make_wardrobe)

# sides that a piece can have its back to, in the plan of the room
BACK, LEFT, RIGHT, FRONT = range(4)
_OPPOSITE = {BACK: FRONT, FRONT: BACK, LEFT: RIGHT, RIGHT: LEFT}

_WALL = .08
_SLAB = .04
# upper side of the floor above the bottom of the box, as in NYU
_FLOOR_LEVEL = .08
_CEILING_HEIGHT = (2.2, 2.5)
_SIDE_WALL_CHANCE = .8
# a piece taller than this does not stand in front of a window
_SILL = .9
_MAX_TRIES = 60

# what a room may hold: builder and chance
_WISHES = (
    (make_bed, .6),
    (make_sofa, .65),
    (make_tv_stand, .7),
    (make_wardrobe, .6),
    (make_shelf, .6),
    (make_nightstand, .5),
)

# mean RGB of each class; pieces vary around it
_COLOURS = {
    Label.CEILING: (232, 230, 224),
    Label.FLOOR: (138, 104, 74),
    Label.WALL: (196, 188, 170),
    Label.WINDOW: (176, 208, 236),
    Label.CHAIR: (112, 66, 42),
    Label.BED: (128, 132, 176),
    Label.SOFA: (84, 116, 96),
    Label.TABLE: (166, 122, 72),
    Label.TVS: (30, 30, 36),
    Label.FURNITURE: (124, 88, 58),
    Label.OBJECTS: (150, 120, 120),
}
_COLOUR_SPREAD = {Label.OBJECTS: 55., Label.TVS: 8., Label.CEILING: 8.}
_DEFAULT_SPREAD = 22.


@dataclass(frozen=True)
class Room:
    """A furnished room.

    Args:
        labels (np.ndarray): (X, Y, Z) uint8, 0..11; 255 outside of the
            room.
        instances (np.ndarray): (X, Y, Z) uint16, row of ``colours`` for
            every occupied voxel.
        colours (np.ndarray): (N, 3) uint8, RGB.
    """

    labels: np.ndarray
    instances: np.ndarray
    colours: np.ndarray


class _Plan(NamedTuple):
    """Inside of the room, metres from the grid's node (0, 0, 0)."""

    x: Tuple[float, float]
    y: Tuple[float, float]
    ceiling: float
    walls: Tuple[int, ...]


class _Spot(NamedTuple):
    """Where a piece stands: its footprint and what its back turns to."""

    x: Tuple[float, float]
    y: Tuple[float, float]
    back: int

    def overlaps(self, other: '_Spot') -> bool:
        return (self.x[0] < other.x[1] and other.x[0] < self.x[1]
                and self.y[0] < other.y[1] and other.y[0] < self.y[1])


class _Canvas:
    """The grids being painted. x, y, z are metres along axes a, b, h."""

    def __init__(self, grid: VoxelGrid) -> None:
        self.grid = grid
        self.labels = np.full(grid.shape, Label.IGNORE, dtype=np.uint8)
        self.instances = np.zeros(grid.shape, dtype=np.uint16)
        self.colours = [(0, 0, 0)]

    def add_colour(self, rng: np.random.Generator, label: Label) -> int:
        """Draw a colour; returns its number."""
        spread = _COLOUR_SPREAD.get(label, _DEFAULT_SPREAD)
        # brightness varies more than hue
        shift = rng.normal(0, spread) + rng.normal(0, spread / 2, size=3)
        colour = np.clip(np.array(_COLOURS[label]) + shift, 8, 250)
        self.colours.append(tuple(colour.astype(int)))
        return len(self.colours) - 1

    def paint(self, x: Tuple[float, float], y: Tuple[float, float],
              z: Tuple[float, float], label: Label, instance: int) -> None:
        """Fill a box; z = 0 is the floor's upper side."""
        spans = (x, (z[0] + _FLOOR_LEVEL, z[1] + _FLOOR_LEVEL), y)
        box = tuple(
            self._slice(span, size)
            for span, size in zip(spans, self.grid.shape))
        self.labels[box] = label
        self.instances[box] = instance

    def _slice(self, span: Tuple[float, float], size: int) -> slice:
        start, stop = (round(edge / self.grid.voxel_size) for edge in span)
        # nothing is so thin that the grid loses it
        stop = max(stop, start + 1)
        return slice(min(max(start, 0), size), min(max(stop, 0), size))


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
    canvas = _Canvas(view.grid)
    plan = _draw_plan(rng, view.grid)
    _build_shell(rng, canvas, plan)
    windows = _build_windows(rng, canvas, plan)
    spots: List[_Spot] = []

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
        table = place(make_table(rng), at_wall=rng.random() < .6)
        if table is not None:
            _add_chair(rng, canvas, plan, table, spots, view)
    if rng.random() < .5:
        place(make_chair(rng), at_wall=False)
    for _ in range(rng.integers(2, 5)):
        place(make_clutter(rng), at_wall=rng.random() < .5)
    _hang_picture(rng, canvas, plan)
    return Room(canvas.labels, canvas.instances,
                np.array(canvas.colours, dtype=np.uint8))


def _draw_plan(rng: np.random.Generator, grid: VoxelGrid) -> _Plan:
    """Draw the measures of a room that fits the grid."""
    width = grid.shape[0] * grid.voxel_size
    depth = grid.shape[2] * grid.voxel_size
    walls = [BACK]
    left, right = 0., width
    if rng.random() < _SIDE_WALL_CHANCE:
        walls.append(LEFT)
        left = rng.uniform(.05, .2) * width
    if rng.random() < _SIDE_WALL_CHANCE:
        walls.append(RIGHT)
        right = rng.uniform(.8, .95) * width
    back = rng.uniform(.7, .95) * depth
    return _Plan((left, right), (0., back), rng.uniform(*_CEILING_HEIGHT),
                 tuple(walls))


def _wall_box(plan: _Plan, wall: int, span: Tuple[float, float],
              inset: float) -> Tuple[Tuple[float, float], ...]:
    """x and y of a stretch of wall.

    Args:
        plan (_Plan): The room.
        wall (int): Which wall.
        span (tuple[float, float]): From and to, along it.
        inset (float): How far it comes into the room.
    """
    if wall == BACK:
        return span, (plan.y[1] - inset, plan.y[1] + _WALL)
    if wall == LEFT:
        return (plan.x[0] - _WALL, plan.x[0] + inset), span
    return (plan.x[1] - inset, plan.x[1] + _WALL), span


def _build_shell(rng: np.random.Generator, canvas: _Canvas,
                 plan: _Plan) -> None:
    """Build floor, ceiling and walls around empty space.

    As in NYU, only what lies beside the floor plan is ignored; the space
    under the floor and above the ceiling counts as empty.
    """
    x = (plan.x[0] - _WALL, plan.x[1] + _WALL)
    y = (plan.y[0], plan.y[1] + _WALL)
    above = (plan.ceiling, plan.ceiling + _SLAB)
    box_height = canvas.grid.shape[1] * canvas.grid.voxel_size
    canvas.paint(x, y, (-_FLOOR_LEVEL, box_height), Label.EMPTY, 0)
    wall_colour = canvas.add_colour(rng, Label.WALL)
    canvas.paint(x, y, (-_SLAB, plan.ceiling + _SLAB), Label.WALL, wall_colour)
    canvas.paint(plan.x, plan.y, (0., plan.ceiling), Label.EMPTY, 0)
    canvas.paint(x, y, (-_SLAB, 0.), Label.FLOOR,
                 canvas.add_colour(rng, Label.FLOOR))
    canvas.paint(x, y, above, Label.CEILING,
                 canvas.add_colour(rng, Label.CEILING))


def _build_windows(rng: np.random.Generator, canvas: _Canvas,
                   plan: _Plan) -> List[Tuple[int, Tuple[float, float]]]:
    """Set windows into the walls; returns wall and stretch of each."""
    windows = []
    for wall in plan.walls:
        if rng.random() > .65:
            continue
        start, stop = plan.x if wall == BACK else (.35 * plan.y[1], plan.y[1])
        width = rng.uniform(.7, 1.5)
        left = rng.uniform(start + .1, max(stop - width - .1, start + .1))
        span = (left, min(left + width, stop - .1))
        sill = rng.uniform(_SILL, 1.1)
        z = (sill, min(sill + rng.uniform(.8, 1.2), plan.ceiling - .1))
        canvas.paint(*_wall_box(plan, wall, span, 0.), z, Label.WINDOW,
                     canvas.add_colour(rng, Label.WINDOW))
        windows.append((wall, span))
    return windows


def _hang_picture(rng: np.random.Generator, canvas: _Canvas,
                  plan: _Plan) -> None:
    """Hang a picture on the back wall, where there is bare wall."""
    width, height = rng.uniform(.3, .8, size=2)
    left = rng.uniform(plan.x[0], plan.x[1] - width)
    bottom = rng.uniform(1.2, 1.5)
    canvas.paint(*_wall_box(plan, BACK, (left, left + width), .04),
                 (bottom, bottom + height), Label.OBJECTS,
                 canvas.add_colour(rng, Label.OBJECTS))


def _draw_spot(rng: np.random.Generator, plan: _Plan, piece: Piece,
               at_wall: bool) -> _Spot:
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


def _is_free(spot: _Spot, piece: Piece, plan: _Plan, spots: List[_Spot],
             windows: List[Tuple[int, Tuple[float,
                                            float]]], view: GridView) -> bool:
    """Whether a piece can stand there and is in front of the camera."""
    if spot.x[1] > plan.x[1] + 1e-6 or spot.y[1] > plan.y[1] + 1e-6:
        return False
    if any(spot.overlaps(other) for other in spots):
        return False
    if piece.height > _SILL:
        for wall, span in windows:
            along = spot.x if wall == BACK else spot.y
            if wall == spot.back and (along[0] < span[1]
                                      and span[0] < along[1]):
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


def _build_piece(rng: np.random.Generator, canvas: _Canvas, piece: Piece,
                 spot: _Spot) -> None:
    """Paint a piece; things on it have colours of their own."""
    colours = {}
    for part in piece.parts:
        if part.label == Label.OBJECTS or part.label not in colours:
            colours[part.label] = canvas.add_colour(rng, part.label)
        x, y = _turn(part, spot)
        canvas.paint(x, y, part.z, part.label, colours[part.label])


def _turn(part: Part, spot: _Spot) -> Tuple[Tuple[float, float], ...]:
    """x and y of a part of a piece that stands on a spot."""
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


def _add_chair(rng: np.random.Generator, canvas: _Canvas, plan: _Plan,
               table: _Spot, spots: List[_Spot], view: GridView) -> None:
    """Set a chair to the front of a table, if there is room for it."""
    chair = make_chair(rng)
    back = _OPPOSITE[table.back]
    for _ in range(_MAX_TRIES):
        gap = rng.uniform(.02, .2)
        if back in (FRONT, BACK):
            x = rng.uniform(table.x[0], table.x[1] - chair.width)
            y = (
                table.y[0] - gap -
                chair.depth if back == FRONT else table.y[1] + gap)
            size = (chair.width, chair.depth)
        else:
            x = (
                table.x[0] - gap -
                chair.depth if back == LEFT else table.x[1] + gap)
            y = rng.uniform(table.y[0], table.y[1] - chair.width)
            size = (chair.depth, chair.width)
        spot = _Spot((x, x + size[0]), (y, y + size[1]), back)
        inside = x >= plan.x[0] and y >= plan.y[0]
        if inside and _is_free(spot, chair, plan, spots, [], view):
            spots.append(spot)
            _build_piece(rng, canvas, chair, spot)
            return
