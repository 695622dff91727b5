"""A scene as coloured cubes, class by class, for viewers that draw those."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import binary_erosion

from ..structures import EMPTY_CLASS, IGNORE
from .frame_panels import colour_share
from .scene_view import SceneView
from .voxel_points import collect_points

# of the unit cube, counter-clockwise seen from outside
_FACES = (
    (0, 1, 3, 2),
    (4, 6, 7, 5),
    (0, 4, 5, 1),
    (2, 3, 7, 6),
    (0, 2, 6, 4),
    (1, 5, 7, 3),
)


class ClassVoxels(NamedTuple):
    """The voxels of one class.

    Attributes:
        name (str): Of the class.
        positions (np.ndarray): (N, 3) float32, middles of the cubes, world
            X, Y, Z, metres, Z up.
        colour (tuple[int, int, int]): Of the class, RGB, 0..255.
        confidence_colours (np.ndarray): (N, 3) uint8, RGB, from dark (0) to
            bright (1); all bright where the view has no confidence.
    """

    name: str
    positions: np.ndarray
    colour: tuple[int, int, int]
    confidence_colours: np.ndarray


def class_voxels(view: SceneView, metainfo: dict[str, Any]) -> list[ClassVoxels]:
    """Collect the cubes of each class that occurs.

    A voxel inside of others of its class is left out: with any classes
    hidden, nobody sees it.

    Args:
        view (SceneView): Of it prediction, confidence, voxel size and origin.
        metainfo (dict): ``classes`` and ``palette``, (C, 3) RGB.

    Returns:
        list[ClassVoxels]: In the order of the classes.
    """
    label = np.where(_inner_voxels(view.prediction), EMPTY_CLASS, view.prediction)
    points = collect_points(label, view.confidence, view.voxel_size, view.voxel_origin)
    colours = colour_share(points.confidence)
    found = []
    for index in np.unique(points.label).tolist():
        chosen = points.label == index
        found.append(
            ClassVoxels(
                str(metainfo['classes'][index]),
                points.xyz[chosen],
                tuple(np.asarray(metainfo['palette'])[index].tolist()),
                colours[chosen],
            )
        )
    return found


def surface_positions(
    surface: np.ndarray, voxel_size: float, voxel_origin: ArrayLike
) -> np.ndarray:
    """Middles of the voxels with a visible surface.

    Args:
        surface, voxel_size, voxel_origin: Of a :obj:`SceneView`.

    Returns:
        np.ndarray: (N, 3) float32, as in :obj:`ClassVoxels`.
    """
    return collect_points(
        surface.astype(np.uint8), voxel_size=voxel_size, voxel_origin=voxel_origin
    ).xyz


def box_middle(view: SceneView) -> np.ndarray:
    """Middle of the grid.

    Args:
        view (SceneView): Of it the shape, voxel size and origin.

    Returns:
        np.ndarray: (3,) float64, world X, Y, Z, metres.
    """
    extent = np.array(view.prediction.shape)[[0, 2, 1]] * view.voxel_size
    return np.asarray(view.voxel_origin, np.float64) + extent / 2


def cube_mesh(side: float) -> tuple[np.ndarray, np.ndarray]:
    """A cube around 0, of triangles.

    Args:
        side (float): Length of an edge.

    Returns:
        tuple[np.ndarray, np.ndarray]: Corners (8, 3) float32, and triangles
        (12, 3) uint32, counter-clockwise seen from outside.
    """
    corners = np.stack(np.meshgrid(*[(-0.5, 0.5)] * 3, indexing='ij'), axis=-1).reshape(
        -1, 3
    )
    quads = np.array(_FACES, np.uint32)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return (side * corners).astype(np.float32), triangles


def _inner_voxels(label: np.ndarray) -> np.ndarray:
    """Voxels all of whose neighbours are of their class; none at the rim."""
    inner = np.zeros(label.shape, dtype=bool)
    for index in np.setdiff1d(label, (EMPTY_CLASS, IGNORE)):
        inner |= binary_erosion(label == index)
    return inner
