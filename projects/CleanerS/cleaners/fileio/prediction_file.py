"""Labels of one frame, predicted or true, as any program may write them."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Optional

import numpy as np

from .npz_file import read_npy

SUFFIXES = ('.npy', '.npz')


def read_prediction(
    path: Path, grid_size: Sequence[int], num_classes: int
) -> np.ndarray:
    """Read one array of labels.

    Args:
        path (Path): ``.npy``, or ``.npz`` with one array.
        grid_size (Sequence[int]): (X, Y, Z); the array has that shape, or is
            flat.
        num_classes (int): With the empty class.

    Returns:
        np.ndarray: (X, Y, Z) uint8.

    Raises:
        ValueError: If it is broken, of another shape, or has other values
            than 0..num_classes-1.
    """
    array = read_grid(path, [grid_size])
    is_class = (array >= 0) & (array < num_classes) & (array % 1 == 0)
    if not is_class.all():
        raise ValueError(
            f"'{path}' should hold a class, 0..{num_classes - 1},"
            f' for every voxel, but has {array[~is_class][0]}'
        )
    return array.astype(np.uint8)


def read_grid(path: Path, grid_sizes: Sequence[Sequence[int]]) -> np.ndarray:
    """Read one number for every voxel of one of several grids.

    Args:
        path (Path): ``.npy``, or ``.npz`` with one array.
        grid_sizes (Sequence[Sequence[int]]): (X, Y, Z) of each; the array
            has that shape, or is flat.

    Returns:
        np.ndarray: (X, Y, Z) of one of them, of the file's type.

    Raises:
        ValueError: If it is broken, or of another shape.
    """
    wanted = []
    for grid_size in map(tuple, grid_sizes):
        size = int(np.prod(grid_size))
        try:
            with open(path, 'rb') as file:
                shape, array = _read_array(file, path.suffix, size)
        # whatever a parser stumbles over, the file is broken
        except Exception as error:
            raise ValueError(
                f"'{path}' is not a readable file of one array ({error})"
            ) from error
        if array is not None and shape in ((size,), grid_size):
            return array.reshape(grid_size)
        wanted.append(f'{grid_size} or ({size},)')
    raise ValueError(
        f"'{path}' should be of shape {' or '.join(wanted)}, but is of {shape}"
    )


def _read_array(
    file: IO[bytes], suffix: str, size: int
) -> tuple[tuple, Optional[np.ndarray]]:
    """Shape and elements of the one array; None if it is of another size."""
    if suffix == '.npy':
        return read_npy(file, size)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if len(names) != 1:
            raise ValueError(f'{len(names)} arrays: {names}')
        with archive.open(names[0]) as member:
            return read_npy(member, size)
