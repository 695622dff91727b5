"""Voxel labels as a mesh of exposed faces."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# classes that are not shown at first, so that one can look in from above
HIDDEN_CLASSES = ('ceiling',)


class VoxelMesh(NamedTuple):
    """The visible sides of labelled voxels, as quads.

    Convention: grid nodes in the order of the world axes X, Y, Z, with Z up;
    faces wind counter-clockwise seen from outside.

    Attributes:
        nodes (np.ndarray): (V, 3) int64, vertices; one at each node and
            class.
        node_label (np.ndarray): (V,) int64, class of each vertex.
        faces (np.ndarray): (F, 4) int64, vertices of each face.
        face_label (np.ndarray): (F,), class of each face, in the type of the
            labels.
    """

    nodes: np.ndarray
    node_label: np.ndarray
    faces: np.ndarray
    face_label: np.ndarray


def drawn_voxels(
    label: np.ndarray, palette: np.ndarray, skip: Sequence[int]
) -> np.ndarray:
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
    check_volume(label)
    if palette.ndim != 2 or palette.shape[1] != 3:
        raise ValueError(f'palette should be (num_classes, 3), but got {palette.shape}')
    drawn = ~np.isin(label, skip)
    labels = np.unique(label[drawn])
    unknown = labels[(labels < 0) | (labels >= len(palette))]
    if len(unknown):
        raise ValueError(
            f'the labels {unknown.tolist()} have no colour in '
            f'a palette of {len(palette)}'
        )
    return drawn


def check_volume(label: np.ndarray) -> None:
    """Refuse what is no volume of labels.

    Raises:
        ValueError: If ``label`` is not a 3D array of integers.
    """
    if label.ndim != 3 or label.dtype.kind not in 'iu':
        raise ValueError(
            'label should be a 3D array of integers, but got '
            f'{label.dtype} of {label.shape}'
        )


def build_voxel_mesh(label: np.ndarray, drawn: np.ndarray) -> VoxelMesh:
    """Collect the sides of drawn voxels that touch no other drawn voxel.

    Args:
        label (np.ndarray): (sideways, height, depth), integer, class of each
            voxel.
        drawn (np.ndarray): The same shape, bool, of :func:`drawn_voxels`.

    Returns:
        VoxelMesh: Without faces where nothing is drawn.
    """
    corners, face_label = _exposed_faces(
        label.transpose(0, 2, 1), drawn.transpose(0, 2, 1)
    )
    nodes, node_label, faces = _share_vertices(corners, face_label)
    return VoxelMesh(nodes, node_label, faces, face_label)


def _exposed_faces(
    label: np.ndarray, drawn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
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
    corners: np.ndarray, face_label: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
