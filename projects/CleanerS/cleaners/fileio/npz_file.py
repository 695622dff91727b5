"""The ``.npz`` files of a prepared data set."""

import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Optional, Union

import numpy as np

# deflate at 1 takes 0.4 of the time of the usual 6 and 1.3 of the space
_LEVEL = 1


def encode_npz(arrays: Sequence[np.ndarray]) -> bytes:
    """Pack arrays as ``arr_0``, ``arr_1``, ... of an ``.npz`` file.

    The same arrays give the same bytes.

    Args:
        arrays (Sequence[np.ndarray]): What to pack.

    Returns:
        bytes: The file, as ``np.load`` reads it.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(
        buffer, 'w', zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
    ) as file:
        for index, array in enumerate(arrays):
            with file.open(f'arr_{index}.npy', 'w') as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()


def read_npz(path: Union[str, Path], key: str, size: int) -> np.ndarray:
    """Read one array of an ``.npz`` file.

    What the file claims is checked before memory is taken for it.

    Args:
        path (str | Path): The file.
        key (str): Name of the array, such as ``arr_0``.
        size (int): Number of elements that it must have.

    Returns:
        np.ndarray: (size,), of the file's type.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is broken, or the array is missing, not of numbers
            or of another size.
    """
    return _read(path, key, size)[1]


def read_volume_npz(
    path: Union[str, Path], key: str, grid_size: Sequence[int]
) -> np.ndarray:
    """Read one array of an ``.npz`` file as a volume.

    Args:
        path (str | Path): The file; axes of length 1 do not count.
        key (str): Name of the array.
        grid_size (Sequence[int]): Its shape, unless it is flat.

    Returns:
        np.ndarray: ``grid_size``, of the file's type.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As :func:`read_npz`, or if its axes are others, such as
            exchanged ones.
    """
    size = math.prod(grid_size)
    shape, array = _read(path, key, size)
    axes = _long_axes(shape)
    if axes not in (_long_axes([size]), _long_axes(grid_size)):
        raise ValueError(
            f"'{path}' should hold {tuple(grid_size)} voxels in {key!r}, or {size} "
            f'in their order, but has shape {shape}; exchange its axes'
        )
    return array.reshape(grid_size)


def _long_axes(shape: Iterable[int]) -> list[int]:
    return [length for length in shape if length != 1]


def _read(path: Union[str, Path], key: str, size: int) -> tuple[tuple, np.ndarray]:
    """Read the shape of an array, and all its elements (size,)."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"'{path}' not found; prepare the data again "
            'with tools/create_data.py (finished frames '
            'are kept)'
        )
    try:
        with zipfile.ZipFile(path) as file:
            names = [Path(name).stem for name in file.namelist()]
            if key in names:
                with file.open(f'{key}.npy') as member:
                    shape, array = read_npy(member, size)
    # whatever a parser stumbles over, the file is broken
    except Exception as error:
        raise ValueError(
            f"'{path}' is not a readable npz file ({error}); "
            'delete it and prepare the data again'
        ) from error
    if key not in names:
        raise ValueError(
            f"'{path}' has no array {key!r}, only {sorted(names)}; prepare it again"
        )
    if array is None:
        raise ValueError(
            f"'{path}' should hold {size} voxels in {key!r}, but "
            f'has shape {shape}; was it made for another grid?'
        )
    return shape, array


def read_npy_header(stream: IO[bytes]) -> tuple[tuple, bool, np.dtype]:
    """Read the header of an array, before memory is taken for it.

    Args:
        stream (IO[bytes]): A ``.npy`` file; left at the start of its data.

    Returns:
        tuple[tuple, bool, np.dtype]: Shape, whether it is in Fortran order,
        and type.

    Raises:
        ValueError: If it is no array of numbers.
        KeyError: If its version is unknown.
    """
    version = np.lib.format.read_magic(stream)
    header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, is_fortran, dtype = header(stream)
    if dtype.kind not in 'biuf':
        raise ValueError(f'an array of {dtype} instead of numbers')
    return shape, is_fortran, dtype


def read_npy(stream: IO[bytes], size: int) -> tuple[tuple, Optional[np.ndarray]]:
    """Read an array, unless it has another size than expected.

    Args:
        stream (IO[bytes]): A ``.npy`` file.
        size (int): Number of elements that it should have.

    Returns:
        tuple[tuple, np.ndarray | None]: Its shape, and (size,) its elements;
        None if they are more or fewer.

    Raises:
        ValueError: If it is no array of numbers, or cut off.
        KeyError: If its version is unknown.
    """
    shape, is_fortran, dtype = read_npy_header(stream)
    if math.prod(shape) != size:
        return shape, None
    num_bytes = size * dtype.itemsize
    content = stream.read(num_bytes + 1)
    if len(content) != num_bytes:
        raise ValueError(f'{len(content)} bytes instead of {num_bytes}')
    array = np.frombuffer(content, dtype)
    array = array.reshape(shape, order='F' if is_fortran else 'C')
    return shape, array.ravel()
