"""Voxel labels as a coloured mesh file."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np
from numpy.typing import ArrayLike
from plyfile import PlyData, PlyElement

from ..structures import EMPTY_CLASS, IGNORE
from ..utils.atomic_write import write_atomically
from .voxel_mesh import build_voxel_mesh, drawn_voxels

# in every PLY file
VERTEX = [
    ('x', '<f4'),
    ('y', '<f4'),
    ('z', '<f4'),
    ('red', 'u1'),
    ('green', 'u1'),
    ('blue', 'u1'),
]
_FACE = [('vertex_indices', '<i4', (4,)), ('label', 'u1')]


def write_voxel_ply(
    path: Union[str, Path],
    label: np.ndarray,
    palette: ArrayLike,
    voxel_size: float = 0.08,
    voxel_origin: ArrayLike = (0, 0, 0),
    skip: Sequence[int] = (EMPTY_CLASS, IGNORE),
) -> None:
    """Write the surface of labelled voxels as a binary PLY mesh.

    The mesh is made of quads: every side of a shown voxel that does not
    touch another shown voxel. Vertices carry the colour of the class, faces
    its number as property ``label``. Nothing to show gives a valid file
    without faces.

    Convention: ``label`` is as in :obj:`VoxelGrid`; the file is in metres in
    the order of world X, Y, Z with Z up, a
    right-handed system in which the faces wind counter-clockwise seen from
    outside.

    Args:
        path (str | Path): The file; written whole or not at all.
        label (np.ndarray): (X, Y, Z), integer, class of each voxel.
        palette (ArrayLike): (num_classes, 3), RGB, 0..255.
        voxel_size (float): Side of a voxel in metres. Defaults to 0.08.
        voxel_origin (ArrayLike): World X, Y, Z, in metres, of the
            outer corner of voxel (0, 0, 0). Defaults to (0, 0, 0).
        skip (Sequence[int]): Labels that are not shown. Defaults to
            empty and ignored ones, (0, 255).

    Raises:
        ValueError: If ``label`` is not a volume of integers or a label has
            no colour.
    """
    label, colours = np.asarray(label), np.asarray(palette)
    mesh = build_voxel_mesh(label, drawn_voxels(label, colours, skip))
    vertices = np.empty(len(mesh.nodes), dtype=VERTEX)
    metres = np.asarray(voxel_origin, np.float64) + voxel_size * mesh.nodes
    for axis, name in enumerate('xyz'):
        vertices[name] = metres[:, axis]
    for channel, name in enumerate(('red', 'green', 'blue')):
        vertices[name] = colours[mesh.node_label, channel]
    faces = np.empty(len(mesh.faces), dtype=_FACE)
    faces['vertex_indices'] = mesh.faces
    faces['label'] = mesh.face_label
    elements = [
        PlyElement.describe(vertices, 'vertex'),
        PlyElement.describe(faces, 'face', len_types=dict(vertex_indices='u1')),
    ]
    write_ply(path, elements)


def write_ply(path: Union[str, Path], elements: Sequence[PlyElement]) -> None:
    """Write a binary PLY file, in metres with Z up.

    Args:
        path (str | Path): The file; written whole or not at all.
        elements (Sequence[PlyElement]): Its content.
    """
    content = io.BytesIO()
    PlyData(elements, byte_order='<', comments=['metres, Z up']).write(content)
    write_atomically(path, content.getvalue())
