"""Boxes of one class, of which furniture is made.

Convention: as in :mod:`cleaners.synth.furniture`.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

Span = tuple[float, float]


class Label(IntEnum):
    """The classes of :mod:`cleaners.datasets.nyu`, by name."""

    EMPTY = 0
    CEILING = 1
    FLOOR = 2
    WALL = 3
    WINDOW = 4
    CHAIR = 5
    BED = 6
    SOFA = 7
    TABLE = 8
    TVS = 9
    FURNITURE = 10
    OBJECTS = 11
    IGNORE = 255


class Part(NamedTuple):
    """A box of one class.

    Attributes:
        label (Label): Its class.
        u (tuple[float, float]): From and to, along the wall.
        v (tuple[float, float]): From and to, away from the wall.
        z (tuple[float, float]): From and to, upwards.
    """

    label: Label
    u: Span
    v: Span
    z: Span


class Piece(NamedTuple):
    """A piece of furniture.

    Attributes:
        width (float): Along u.
        depth (float): Along v.
        parts (list[Part]): Later ones overwrite earlier ones.
    """

    width: float
    depth: float
    parts: list[Part]

    @property
    def height(self) -> float:
        """float: Of its highest part."""
        return max(part.z[1] for part in self.parts)


def make_legs(label: Label, width: float, depth: float, height: float) -> list[Part]:
    """Make four legs at the corners.

    Args:
        label (Label): Their class.
        width (float): Of the piece, along u.
        depth (float): Along v.
        height (float): Of the legs.

    Returns:
        list[Part]: The legs.
    """
    side = 0.05
    return [
        Part(label, (u, u + side), (v, v + side), (0, height))
        for u in (0, width - side)
        for v in (0, depth - side)
    ]


def make_screen(
    rng: np.random.Generator, width: float, v: float, top: float, size: Span
) -> list[Part]:
    """Make a screen on a foot, somewhere along a surface.

    Args:
        rng (np.random.Generator): Source of randomness.
        width (float): Of the surface, along u.
        v (float): Of the foot's back.
        top (float): Height of the surface.
        size (tuple[float, float]): Least and greatest width of the screen.

    Returns:
        list[Part]: Foot and screen.
    """
    screen = min(rng.uniform(*size), width)
    height = 0.58 * screen
    start = rng.uniform(0, width - screen)
    middle = start + screen / 2
    return [
        Part(Label.TVS, (middle - 0.1, middle + 0.1), (v, v + 0.18), (top, top + 0.04)),
        Part(
            Label.TVS,
            (start, start + screen),
            (v + 0.04, v + 0.12),
            (top + 0.04, top + 0.04 + height),
        ),
    ]


def make_things(
    rng: np.random.Generator,
    count: int,
    u_span: Span,
    v_span: Span,
    top: float,
    least: float = 0.08,
) -> list[Part]:
    """Make small things on a surface; they may touch.

    Args:
        rng (np.random.Generator): Source of randomness.
        count (int): Of things.
        u_span (tuple[float, float]): Where they stand, along the wall.
        v_span (tuple[float, float]): Away from it.
        top (float): Height of the surface.
        least (float): Least side of a thing. Defaults to 0.08.

    Returns:
        list[Part]: The things.
    """
    parts = []
    for _ in range(count):
        size_u, size_v = rng.uniform(least, least + 0.2, size=2)
        u = rng.uniform(u_span[0], max(u_span[1] - size_u, u_span[0]))
        v = rng.uniform(v_span[0], max(v_span[1] - size_v, v_span[0]))
        parts.append(
            Part(
                Label.OBJECTS,
                (u, min(u + size_u, u_span[1])),
                (v, min(v + size_v, v_span[1])),
                (top, top + rng.uniform(0.08, 0.3)),
            )
        )
    return parts
