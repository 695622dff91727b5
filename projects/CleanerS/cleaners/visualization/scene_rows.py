"""Scenes of several frames side by side, one frame a row."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..structures import EMPTY_CLASS
from .frame_panels import compose_rows
from .voxel_mesh import IGNORE, drawn_voxels
from .voxel_render import fit_view, render_voxels

_SIZE = (240, 320)
_HIDDEN = 'ceiling'
# what is no class
SURFACE_COLOUR = (150, 150, 150)


def draw_scene_rows(
    columns: Mapping[str, Sequence[np.ndarray]],
    metainfo: Mapping[str, Sequence],
) -> np.ndarray:
    """Draw volumes of labels, without the ceiling, a row from one point of view.

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
    hidden = [label for label, name in enumerate(classes) if name == _HIDDEN]
    skip = (EMPTY_CLASS, IGNORE, *hidden)
    rows = []
    for volumes in zip(*columns.values()):
        drawn = [drawn_voxels(label, palette, skip) for label in volumes]
        view = fit_view(np.logical_or.reduce(drawn), _SIZE)
        rows.append(
            [
                (title, render_voxels(label, palette, _SIZE, view, skip))
                for title, label in zip(columns, volumes)
            ]
        )
    legend = [
        (name, colour)
        for name, colour in zip(classes[1:], metainfo['palette'][1:])
        if name != _HIDDEN
    ]
    return compose_rows(rows, legend)
