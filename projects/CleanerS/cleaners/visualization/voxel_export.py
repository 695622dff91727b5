"""Voxel labels as a coloured mesh file."""

from pathlib import Path
from typing import Sequence, Tuple, Union

import numpy as np

from ..utils.atomic_write import write_atomically

EMPTY = 0
IGNORE = 255

VERTEX_DTYPE = np.dtype([('x', '<f4'), ('y', '<f4'), ('z', '<f4'),
                         ('red', 'u1'), ('green', 'u1'), ('blue', 'u1')])
FACE_DTYPE = np.dtype([('count', 'u1'), ('vertex_indices', '<i4', (4, )),
                       ('label', 'u1')])

HEADER = """ply
format binary_little_endian 1.0
comment metres, Z up
element vertex {num_vertices}
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
element face {num_faces}
property list uchar int vertex_indices
property uchar label
end_header
"""


def drawn_voxels(label: np.ndarray, palette: np.ndarray,
                 skip: Sequence[int]) -> np.ndarray:
    """Which voxels of a label volume are shown.

    Args:
        label (np.ndarray): (X, Y, Z), integer.
        palette (np.ndarray): (num_classes, 3).
        skip (Sequence[int]): Labels that are not shown.

    Returns:
        np.ndarray: (X, Y, Z) bool.

    Raises:
        ValueError: If ``label`` is not a volume of integers, ``palette`` is
            no list of colours, or a shown label has no colour in it.
    """
    if label.ndim != 3 or label.dtype.kind not in 'iu':
        raise ValueError('label should be a 3D array of integers, but got '
                         f'{label.dtype} of {label.shape}')
    if palette.ndim != 2 or palette.shape[1] != 3:
        raise ValueError('palette should be (num_classes, 3), but got '
                         f'{palette.shape}')
    drawn = ~np.isin(label, skip)
    labels = np.unique(label[drawn])
    unknown = labels[(labels < 0) | (labels >= len(palette))]
    if len(unknown):
        raise ValueError(f'the labels {unknown.tolist()} have no colour in '
                         f'a palette of {len(palette)}')
    return drawn


def write_voxel_ply(
    path: Union[str, Path],
    label: np.ndarray,
    palette: Sequence[Sequence[int]],
    voxel_size: float = 0.08,
    voxel_origin: Sequence[float] = (0, 0, 0),
    skip: Sequence[int] = (EMPTY, IGNORE)
) -> None:
    """Write the surface of labelled voxels as a binary PLY mesh.

    The mesh is made of quads: every side of a shown voxel that does not
    touch another shown voxel. Vertices carry the colour of the class, faces
    its number as property ``label``. Nothing to show gives a valid file
    without faces.

    Convention: the axes of ``label`` are (world X, world Z, world Y), see
    METHOD 1; the file is in metres in the order X, Y, Z with Z up, a
    right-handed system in which the faces wind counter-clockwise seen from
    outside.

    Args:
        path (str | Path): The file; written whole or not at all.
        label (np.ndarray): (X, Z, Y), integer, class of each voxel.
        palette (Sequence[Sequence[int]]): (num_classes, 3), RGB, 0..255.
        voxel_size (float): Side of a voxel in metres. Defaults to 0.08.
        voxel_origin (Sequence[float]): World X, Y, Z, in metres, of the
            outer corner of voxel (0, 0, 0). Defaults to (0, 0, 0).
        skip (Sequence[int]): Labels that are not shown. Defaults to
            empty and ignored ones, (0, 255).

    Raises:
        ValueError: If ``label`` is not a volume of integers or a label has
            no colour.
    """
    label = np.asarray(label)
    palette = np.asarray(palette)
    drawn = drawn_voxels(label, palette, skip)
    corners, face_label = _exposed_faces(
        label.transpose(0, 2, 1), drawn.transpose(0, 2, 1))
    nodes, node_label, indices = _share_vertices(corners, face_label)

    vertices = np.empty(len(nodes), dtype=VERTEX_DTYPE)
    metres = np.asarray(voxel_origin, np.float64) + voxel_size * nodes
    for axis, name in enumerate('xyz'):
        vertices[name] = metres[:, axis]
    for channel, name in enumerate(('red', 'green', 'blue')):
        vertices[name] = palette[node_label, channel]
    faces = np.empty(len(indices), dtype=FACE_DTYPE)
    faces['count'] = 4
    faces['vertex_indices'] = indices
    faces['label'] = face_label

    header = HEADER.format(num_vertices=len(vertices), num_faces=len(faces))
    write_atomically(
        path,
        header.encode() + vertices.tobytes() + faces.tobytes())


def _exposed_faces(label: np.ndarray,
                   drawn: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Collect the sides of drawn voxels that no drawn voxel touches.

    Args:
        label (np.ndarray): (X, Y, Z) in world axes.
        drawn (np.ndarray): (X, Y, Z) bool.

    Returns:
        tuple[np.ndarray, np.ndarray]: Corners (F, 4, 3) int64 as grid
        nodes, counter-clockwise seen from outside; labels (F,).
    """
    padded = np.pad(drawn, 1)
    corners, labels = [], []
    for axis in range(3):
        square = np.zeros((4, 3), dtype=np.int64)
        square[:, (axis + 1) % 3] = (0, 1, 1, 0)
        square[:, (axis + 2) % 3] = (0, 0, 1, 1)
        for side in (0, 1):
            beyond = np.roll(padded, 1 - 2 * side, axis)[1:-1, 1:-1, 1:-1]
            voxels = np.argwhere(drawn & ~beyond)  # (F, 3)
            # the square turns from the axis to its next one, which is
            # counter-clockwise from the high side only
            outline = square if side else square[::-1]
            shift = side * np.eye(3, dtype=np.int64)[axis]
            corners.append(voxels[:, None] + outline + shift)
            labels.append(label[tuple(voxels.T)])
    return np.concatenate(corners), np.concatenate(labels)


def _share_vertices(
        corners: np.ndarray,
        face_label: np.ndarray) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge corners at the same node, but only within one class.

    Args:
        corners (np.ndarray): (F, 4, 3) int64.
        face_label (np.ndarray): (F,).

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: Nodes (V, 3), their
        labels (V,), and for each face its four vertices (F, 4).
    """
    labels = np.repeat(face_label.astype(np.int64), 4)
    keys = np.column_stack([corners.reshape(-1, 3), labels])  # (F*4, 4)
    bounds = keys.max(axis=0, initial=0) + 1
    flat = np.ravel_multi_index(tuple(keys.T), tuple(bounds))
    unique, inverse = np.unique(flat, return_inverse=True)
    keys = np.column_stack(np.unravel_index(unique, tuple(bounds)))
    return keys[:, :3], keys[:, 3], inverse.reshape(-1, 4)
