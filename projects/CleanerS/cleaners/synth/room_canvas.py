"""The grids of labels and colours that a room is painted into."""

from dataclasses import dataclass

import numpy as np

from ..geometry.voxel_grid import VoxelGrid
from .furniture_parts import Label

# upper side of the floor above the bottom of the box, as in NYU
FLOOR_LEVEL = 0.08

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
_COLOUR_SPREAD = {Label.OBJECTS: 55.0, Label.TVS: 8.0, Label.CEILING: 8.0}
_DEFAULT_SPREAD = 22.0


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


class RoomCanvas:
    """The grids being painted. x, y, z are metres of the world."""

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

    def paint(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        z: tuple[float, float],
        label: Label,
        instance: int,
    ) -> None:
        """Fill a box; z = 0 is the floor's upper side."""
        spans = (x, (z[0] + FLOOR_LEVEL, z[1] + FLOOR_LEVEL), y)
        box = tuple(
            self._slice(span, size) for span, size in zip(spans, self.grid.shape)
        )
        self.labels[box] = label
        self.instances[box] = instance

    def _slice(self, span: tuple[float, float], size: int) -> slice:
        start, stop = (round(edge / self.grid.voxel_size) for edge in span)
        # nothing is so thin that the grid loses it
        stop = max(stop, start + 1)
        return slice(min(max(start, 0), size), min(max(stop, 0), size))
