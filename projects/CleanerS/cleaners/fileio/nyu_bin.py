"""The ``.bin`` files of the SSCNet release: pose, box and labels."""

from pathlib import Path
from typing import NamedTuple, Union

import numpy as np

_HEADER_BYTES = 76
_RUN_BYTES = 8
# the 36 classes of SSCNet, and 0
NUM_RAW_CLASSES = 37
_IGNORE = 255


class NYUScene(NamedTuple):
    """Content of a ``.bin`` file.

    Attributes:
        voxel_origin (np.ndarray): (3,) float32, world position (X, Y, Z) of
            grid node (0, 0, 0), metres.
        cam2world (np.ndarray): (4, 4) float32, camera to world.
        labels (np.ndarray): Grid of uint8: 0 empty, 1..36 the classes of
            SSCNet, 255 outside of the room.
    """

    voxel_origin: np.ndarray
    cam2world: np.ndarray
    labels: np.ndarray


def read_nyu_header(path: Union[str, Path]) -> tuple[np.ndarray, np.ndarray]:
    """Read only the box and the pose of a ``.bin`` file.

    Args:
        path (str | Path): The file.

    Returns:
        tuple[np.ndarray, np.ndarray]: ``voxel_origin`` and ``cam2world`` of
        :class:`NYUScene`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the header is cut off or holds no pose.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such label file')
    with path.open('rb') as file:
        header = file.read(_HEADER_BYTES)
    return _parse_header(path, header)


def read_nyu_bin(path: Union[str, Path], shape: tuple[int, int, int]) -> NYUScene:
    """Read a ``.bin`` file.

    Convention: the grid axes are sideways (world X), height (world Z) and
    depth (world Y), in C order.

    Args:
        path (str | Path): The file.
        shape (tuple[int, int, int]): Of the grid.

    Returns:
        NYUScene: Box, pose and labels.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is cut off, does not fill the grid exactly,
            or holds an unknown class or no pose.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such label file')
    num_voxels = int(np.prod(shape))
    limit = _HEADER_BYTES + _RUN_BYTES * num_voxels
    if path.stat().st_size > limit:
        raise ValueError(
            f'{path}: too long, more than {limit} bytes for '
            f'{num_voxels} voxels; copy the file again'
        )
    content = path.read_bytes()
    voxel_origin, cam2world = _parse_header(path, content[:_HEADER_BYTES])
    num_left = (len(content) - _HEADER_BYTES) % _RUN_BYTES
    if num_left:
        raise ValueError(
            f'{path}: truncated, {num_left} bytes are left '
            'after the last whole run; copy the file again'
        )
    runs = np.frombuffer(content, dtype='<u4', offset=_HEADER_BYTES)
    values, lengths = runs.reshape(-1, 2).T
    total = int(lengths.sum(dtype=np.uint64))
    if total != num_voxels:
        fault = 'truncated' if total < num_voxels else 'too long'
        raise ValueError(
            f'{path}: {fault}, its runs hold {total} voxels '
            f'instead of {num_voxels}; copy the file again'
        )
    unknown = values[(values >= NUM_RAW_CLASSES) & (values != _IGNORE)]
    if unknown.size:
        raise ValueError(
            f'{path}: unknown label {unknown[0]}; expected '
            f'0..{NUM_RAW_CLASSES - 1} or {_IGNORE}'
        )
    labels = np.repeat(values.astype(np.uint8), lengths).reshape(shape)
    return NYUScene(voxel_origin, cam2world, labels)


def _parse_header(path: Path, header: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Split and check the header of a ``.bin`` file."""
    if len(header) < _HEADER_BYTES:
        raise ValueError(
            f'{path}: truncated, {len(header)} bytes instead of '
            f'a header of {_HEADER_BYTES}; copy the file again'
        )
    numbers = np.frombuffer(header, dtype='<f4').astype(np.float32)
    cam2world = numbers[3:].reshape(4, 4)
    # in float64, the product of any float32 is finite
    rotation = np.nan_to_num(cam2world[:3, :3]).astype(np.float64)
    if not (
        np.isfinite(numbers).all()
        and np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3)
    ):
        raise ValueError(
            f'{path}: the header holds no camera pose; is this '
            'a .bin file of the SSCNet release?'
        )
    return numbers[:3], cam2world
