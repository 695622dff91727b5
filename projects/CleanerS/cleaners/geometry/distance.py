"""Distance to the nearest set voxel."""

from typing import Union

import numpy as np

from .compiled import compiled


def squared_distance(surface: np.ndarray, radius: int) -> np.ndarray:
    """Squared Euclidean distance to the nearest set voxel, cut off.

    Exact below the cut-off. Each axis is searched by itself, in a window,
    and only where a set voxel is near.

    Args:
        surface (np.ndarray): (X, Y, Z) bool.
        radius (int): Distance at which to cut off, in voxels, at most 181.

    Returns:
        np.ndarray: (X, Y, Z) uint16, in 0..radius ** 2.

    Raises:
        ValueError: If ``surface`` is not such a grid or ``radius`` does
            not fit.
    """
    if surface.ndim != 3 or surface.dtype != bool:
        raise ValueError(
            'surface should be a 3D array of bool, but got '
            f'{surface.dtype} of {surface.shape}'
        )
    # the sum of two squares must fit into uint16
    if not 1 <= radius <= 181:
        raise ValueError(f'radius should be in 1..181, but got {radius}')
    return _squared_distance(np.ascontiguousarray(surface), radius)


@compiled()
def _squared_distance(surface: np.ndarray, radius: int) -> np.ndarray:
    """See :func:`squared_distance`."""
    size_i, size_j, size_k = surface.shape
    limit = np.uint16(radius * radius)
    plane = np.empty((size_j, size_k), np.uint16)
    rows = np.full(surface.shape, limit, np.uint16)
    near = np.zeros((size_i, size_j), np.bool_)
    for i in range(size_i):
        hit = np.zeros(size_j, np.bool_)
        for j in range(size_j):
            hit[j] = _scan_row(surface[i, j], limit, plane[j])
        for j in np.flatnonzero(hit):
            for other in range(max(j - radius + 1, 0), min(j + radius, size_j)):
                _lower(rows[i, other], plane[j], (other - j) ** 2)
                near[i, other] = True
    result = np.full(surface.shape, limit, np.uint16)
    for i in range(size_i):
        for other in range(max(i - radius + 1, 0), min(i + radius, size_i)):
            for j in range(size_j):
                if near[other, j]:
                    _lower(result[i, j], rows[other, j], (other - i) ** 2)
    return result


@compiled()
def _scan_row(
    surface: np.ndarray, limit: Union[int, np.integer], row: np.ndarray
) -> bool:
    """Squared distances within one row; False if nothing is set in it."""
    size = len(surface)
    steps = limit
    hit = False
    for i in range(size):
        steps = 0 if surface[i] else min(steps + 1, limit)
        hit |= surface[i]
        row[i] = min(steps * steps, limit)
    if not hit:
        return False
    steps = limit
    for i in range(size - 1, -1, -1):
        steps = 0 if surface[i] else min(steps + 1, limit)
        row[i] = min(steps * steps, row[i])
    return True


@compiled()
def _lower(target: np.ndarray, source: np.ndarray, offset: int) -> None:
    """Lower ``target`` to ``source + offset``, element by element."""
    for i in range(len(target)):
        target[i] = min(target[i], np.uint16(source[i] + offset))
