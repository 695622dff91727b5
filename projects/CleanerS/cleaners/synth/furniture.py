"""Pieces of furniture, as boxes with random measures.

Convention: metres; u runs along the wall, v away from it (v = 0 touches the
wall), z upwards from the floor. Every piece fills 0..width, 0..depth and
0..height. Each function takes the source of randomness and returns a piece.
"""

import numpy as np

from .furniture_parts import Label, Part, Piece, make_legs, make_screen, make_things


def make_bed(rng: np.random.Generator) -> Piece:
    """A bed with its head at the wall, and pillows."""
    width, depth = rng.uniform(1.0, 1.7), rng.uniform(1.9, 2.1)
    top, head = rng.uniform(0.4, 0.6), rng.uniform(0.8, 1.1)
    parts = [
        Part(Label.BED, (0, width), (0, 0.08), (0, head)),
        Part(Label.BED, (0, width), (0.08, depth), (0.12, top)),
        *make_legs(Label.BED, width, depth, 0.12),
    ]
    for middle in [0.5] if width < 1.3 else [0.27, 0.73]:
        parts.append(
            Part(
                Label.OBJECTS,
                (middle * width - 0.25, middle * width + 0.25),
                (0.12, 0.45),
                (top, top + 0.12),
            )
        )
    return Piece(width, depth, parts)


def make_sofa(rng: np.random.Generator) -> Piece:
    """A sofa with its back at the wall."""
    width, depth = rng.uniform(1.3, 2.0), rng.uniform(0.8, 0.95)
    seat, arm, back = 0.42, rng.uniform(0.55, 0.65), rng.uniform(0.75, 0.9)
    parts = [
        Part(Label.SOFA, (0, width), (0, depth), (0.06, seat)),
        Part(Label.SOFA, (0, width), (0, 0.22), (0.06, back)),
        Part(Label.SOFA, (0, 0.18), (0, depth), (0.06, arm)),
        Part(Label.SOFA, (width - 0.18, width), (0, depth), (0.06, arm)),
        *make_legs(Label.SOFA, width, depth, 0.06),
    ]
    if rng.random() < 0.6:
        start = rng.uniform(0.2, width - 0.65)
        parts.append(
            Part(Label.OBJECTS, (start, start + 0.4), (0.22, 0.36), (seat, seat + 0.3))
        )
    return Piece(width, depth, parts)


def make_table(rng: np.random.Generator) -> Piece:
    """A table on legs, with things on it."""
    width, depth = rng.uniform(0.9, 1.5), rng.uniform(0.6, 0.85)
    top = rng.uniform(0.68, 0.78)
    parts = [
        Part(Label.TABLE, (0, width), (0, depth), (top - 0.06, top)),
        *make_legs(Label.TABLE, width, depth, top - 0.06),
    ]
    if rng.random() < 0.5:
        parts += make_screen(rng, width, 0.06, top, (0.45, 0.6))
    parts += make_things(rng, rng.integers(1, 5), (0, width), (0.3, depth), top)
    return Piece(width, depth, parts)


def make_chair(rng: np.random.Generator) -> Piece:
    """A chair on legs; its back is at v = 0."""
    width, depth = rng.uniform(0.42, 0.52), rng.uniform(0.42, 0.52)
    seat, back = rng.uniform(0.42, 0.48), rng.uniform(0.8, 1.0)
    parts = [
        Part(Label.CHAIR, (0, width), (0, depth), (seat - 0.06, seat)),
        Part(Label.CHAIR, (0, width), (0, 0.06), (seat, back)),
        *make_legs(Label.CHAIR, width, depth, seat - 0.06),
    ]
    return Piece(width, depth, parts)


def make_tv_stand(rng: np.random.Generator) -> Piece:
    """A low cabinet that carries a television set."""
    width, depth = rng.uniform(1.1, 1.6), rng.uniform(0.4, 0.5)
    top = rng.uniform(0.4, 0.75)
    parts = [Part(Label.FURNITURE, (0, width), (0, depth), (0, top))]
    parts += make_screen(rng, width, 0.1, top, (0.7, 1.05))
    return Piece(width, depth, parts)


def make_wardrobe(rng: np.random.Generator) -> Piece:
    """A tall closed cupboard, with a box on it now and then."""
    width, depth = rng.uniform(0.7, 1.3), rng.uniform(0.45, 0.6)
    top = rng.uniform(1.5, 2.0)
    parts = [Part(Label.FURNITURE, (0, width), (0, depth), (0, top))]
    if rng.random() < 0.3:
        parts += make_things(rng, 1, (0, width), (0, depth), top, 0.15)
    return Piece(width, depth, parts)


def make_shelf(rng: np.random.Generator) -> Piece:
    """An open shelf with books."""
    width, depth = rng.uniform(0.7, 1.2), rng.uniform(0.28, 0.36)
    num_rows = rng.integers(3, 6)
    height = num_rows * 0.34 + 0.04
    parts = [
        Part(Label.FURNITURE, (0, width), (0, 0.04), (0, height)),
        Part(Label.FURNITURE, (0, 0.04), (0, depth), (0, height)),
        Part(Label.FURNITURE, (width - 0.04, width), (0, depth), (0, height)),
    ]
    for board in np.arange(num_rows + 1) * 0.34:
        parts.append(
            Part(Label.FURNITURE, (0, width), (0, depth), (board, board + 0.04))
        )
    for board in np.arange(num_rows) * 0.34 + 0.04:
        u = 0.04
        while u < width - 0.2:
            step = rng.uniform(0.06, 0.16)
            if rng.random() < 0.7:
                parts.append(
                    Part(
                        Label.OBJECTS,
                        (u, u + step),
                        (0.04, rng.uniform(0.18, 0.26)),
                        (board, board + rng.uniform(0.16, 0.28)),
                    )
                )
            u += step
    return Piece(width, depth, parts)


def make_nightstand(rng: np.random.Generator) -> Piece:
    """A small chest of drawers with a lamp."""
    width, depth = rng.uniform(0.4, 0.6), rng.uniform(0.35, 0.45)
    top = rng.uniform(0.45, 0.8)
    parts = [Part(Label.FURNITURE, (0, width), (0, depth), (0, top))]
    u, v = width / 2, depth / 2
    parts += [
        Part(
            Label.OBJECTS, (u - 0.03, u + 0.03), (v - 0.03, v + 0.03), (top, top + 0.2)
        ),
        Part(
            Label.OBJECTS,
            (u - 0.13, u + 0.13),
            (v - 0.13, v + 0.13),
            (top + 0.2, top + 0.42),
        ),
    ]
    return Piece(width, depth, parts)


def make_clutter(rng: np.random.Generator) -> Piece:
    """A thing that stands on the floor, or a stack of two."""
    width, depth = rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.5)
    top = rng.uniform(0.2, 0.6)
    parts = [Part(Label.OBJECTS, (0, width), (0, depth), (0, top))]
    if rng.random() < 0.5:
        parts += make_things(rng, 1, (0, width), (0, depth), top, 0.15)
    return Piece(width, depth, parts)
