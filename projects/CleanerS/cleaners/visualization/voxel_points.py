"""Labelled voxels as a point cloud, and files of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional, Union

import numpy as np
from numpy.typing import ArrayLike
from plyfile import PlyElement

from ..structures import EMPTY_CLASS, IGNORE, VoxelData
from ..utils.atomic_write import write_atomically
from .voxel_export import VERTEX, write_ply
from .voxel_mesh import check_volume

_PLY_VERTEX = [*VERTEX, ('label', 'u1'), ('confidence', '<f4')]
# colour as 0x00RRGGBB, as the readers of this format want it
_PCD_POINT = [
    ('x', '<f4'),
    ('y', '<f4'),
    ('z', '<f4'),
    ('rgb', '<u4'),
    ('label', 'u1'),
    ('confidence', '<f4'),
]
_PCD_HEADER = """# .PCD v0.7 - Point Cloud Data file format
VERSION 0.7
FIELDS x y z rgb label confidence
SIZE 4 4 4 4 1 4
TYPE F F F U U F
COUNT 1 1 1 1 1 1
WIDTH {count}
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS {count}
DATA binary
"""


class VoxelPoints(NamedTuple):
    """The middles of labelled voxels.

    Attributes:
        xyz (np.ndarray): (N, 3) float32, world X, Y, Z, metres, Z up.
        label (np.ndarray): (N,) uint8, class.
        confidence (np.ndarray): (N,) float32, in 0..1.
    """

    xyz: np.ndarray
    label: np.ndarray
    confidence: np.ndarray


def collect_points(
    label: np.ndarray,
    confidence: Optional[np.ndarray] = None,
    voxel_size: float = 0.08,
    voxel_origin: ArrayLike = (0, 0, 0),
    skip: Sequence[int] = (EMPTY_CLASS, IGNORE),
) -> VoxelPoints:
    """Make a point of every shown voxel.

    Convention: volumes are as in :obj:`VoxelGrid`, (sideways, height, depth).

    Args:
        label (np.ndarray): (X, Y, Z), integers in 0..255, class of each
            voxel.
        confidence (np.ndarray, optional): (X, Y, Z) float in 0..1. Defaults
            to None: 1 everywhere.
        voxel_size (float): Side of a voxel in metres. Defaults to 0.08.
        voxel_origin (ArrayLike): World X, Y, Z, in metres, of the
            outer corner of voxel (0, 0, 0). Defaults to (0, 0, 0).
        skip (Sequence[int]): Labels that are not shown. Defaults to
            empty and ignored ones, (0, 255).

    Returns:
        VoxelPoints: In C order of the volume.

    Raises:
        ValueError: If ``label`` is not a volume of such integers, or
            ``confidence`` has another shape.
    """
    label = np.asarray(label)
    check_volume(label)
    if label.size and not 0 <= label.min() <= label.max() <= IGNORE:
        raise ValueError(
            f'label should be in 0..{IGNORE}, but spans {label.min()}..{label.max()}'
        )
    if confidence is None:
        confidence = np.ones(label.shape, np.float32)
    confidence = np.asarray(confidence, np.float32)
    VoxelData(label=label, confidence=confidence)  # refuses another grid
    shown = ~np.isin(label, skip)
    middles = np.argwhere(shown)[:, [0, 2, 1]] + 0.5
    metres = np.asarray(voxel_origin, np.float64) + voxel_size * middles
    return VoxelPoints(
        metres.astype(np.float32), label[shown].astype(np.uint8), confidence[shown]
    )


def write_points_ply(
    path: Union[str, Path], points: VoxelPoints, palette: ArrayLike
) -> None:
    """Write points as a binary PLY file.

    Vertices have x, y, z (float), red, green, blue, label (uchar) and
    confidence (float).

    Args:
        path (str | Path): The file; written whole or not at all.
        points (VoxelPoints): May be none.
        palette (ArrayLike): (num_classes, 3), RGB, 0..255.

    Raises:
        ValueError: If a label has no colour.
    """
    vertices = _fill(points, _PLY_VERTEX)
    colours = _colours(points.label, palette)
    for channel, name in enumerate(('red', 'green', 'blue')):
        vertices[name] = colours[:, channel]
    write_ply(path, [PlyElement.describe(vertices, 'vertex')])


def write_points_pcd(
    path: Union[str, Path], points: VoxelPoints, palette: ArrayLike
) -> None:
    """Write points as a binary PCD file, version 0.7.

    Points have x, y, z (float), rgb (packed), label (uchar) and confidence
    (float).

    Args:
        path, points, palette: As :func:`write_points_ply`.

    Raises:
        ValueError: If a label has no colour.
    """
    rows = _fill(points, _PCD_POINT)
    colours = _colours(points.label, palette).astype(np.uint32)
    rows['rgb'] = colours @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    header = _PCD_HEADER.format(count=len(rows))
    write_atomically(path, header.encode() + rows.tobytes())


def _fill(points: VoxelPoints, dtype: list) -> np.ndarray:
    """Rows of a file with all but the colours."""
    rows = np.zeros(len(points.label), dtype)
    for axis, name in enumerate('xyz'):
        rows[name] = points.xyz[:, axis]
    rows['label'], rows['confidence'] = points.label, points.confidence
    return rows


def _colours(label: np.ndarray, palette: ArrayLike) -> np.ndarray:
    """Colour of each point, (N, 3)."""
    colours = np.asarray(palette)
    unknown = np.unique(label[label >= len(colours)])
    if len(unknown):
        raise ValueError(
            f'the labels {unknown.tolist()} have no colour in '
            f'a palette of {len(colours)}'
        )
    return colours[label]
