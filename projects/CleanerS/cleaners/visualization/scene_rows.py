"""Scenes of several frames side by side, one frame a row."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..structures import EMPTY_CLASS, IGNORE
from .frame_panels import compose_rows
from .voxel_mesh import HIDDEN_CLASSES
from .voxel_render import render_together

_SIZE = (240, 320)
# what is no class
SURFACE_COLOUR = (150, 150, 150)


def draw_scene_rows(
    columns: Mapping[str, Sequence[np.ndarray]],
    metainfo: Mapping[str, Sequence],
) -> np.ndarray:
    """Draw volumes of labels, a row from one point of view.

    ``HIDDEN_CLASSES`` are left out.

    Args:
        columns (Mapping[str, Sequence[np.ndarray]]): By title, a volume (X,
            Y, Z) of each frame. A label behind those of the classes is drawn
            grey.
        metainfo (Mapping[str, Sequence]): ``classes`` and ``palette``.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    classes = metainfo['classes']
    palette = np.array([*metainfo['palette'], SURFACE_COLOUR])
    hidden = [label for label, name in enumerate(classes) if name in HIDDEN_CLASSES]
    skip = (EMPTY_CLASS, IGNORE, *hidden)
    rows = [
        list(zip(columns, render_together(volumes, palette, _SIZE, skip)))
        for volumes in zip(*columns.values())
    ]
    legend = [
        (name, colour)
        for name, colour in zip(classes[1:], metainfo['palette'][1:])
        if name not in HIDDEN_CLASSES
    ]
    return compose_rows(rows, legend)
