"""Intrinsics and poses as cameras' programs write them."""

import os.path as osp
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike

from ..geometry.camera import Intrinsics, check_intrinsics
from .camera_numbers import FoundNumbers, decode_numbers, parse_text
from .image_file import read_bytes

SUFFIXES = ('.json', '.txt', '.yaml', '.yml')
# Open3D and Azure Kinect write the matrix of this key column by column
_COLUMN_MAJOR_KEY = 'intrinsic_matrix'
# less is noise of a calibration: half a pixel at the edge of the image
_SKEW_SLACK = 1e-3


class CameraFile(NamedTuple):
    """What a file says of a camera.

    Attributes:
        intrinsics (Intrinsics): In pixels.
        img_size (tuple[int, int], optional): Height and width of the images
            that they are for. Defaults to None: not said.
        is_transposed (bool): Whether the matrix was written column by
            column where rows are usual. Defaults to False.
    """

    intrinsics: Intrinsics
    img_size: Optional[tuple[int, int]] = None
    is_transposed: bool = False


def read_intrinsics(source: str, sample_idx: str) -> CameraFile:
    """Read intrinsics from the command line or from a file.

    A matrix is 3 x 3, 3 x 4 or 4 x 4. One whose last row is not 0 0 1, but
    whose last column is, was written column by column and is read so.

    Args:
        source (str): 'fx,fy,cx,cy'; a text file with these four numbers or
            a matrix; a JSON or YAML file with one of them, such as Open3D,
            Azure Kinect, RealSense, ROS (``camera_info``) and OpenCV write;
            or a folder with one such file a frame.
        sample_idx (str): Of the frame.

    Returns:
        CameraFile: The camera.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds something else, or a matrix with skew.
    """
    # a matrix may be longer than the name of a file
    if ',' in source and not osp.exists(source):
        return _to_camera(source, FoundNumbers(parse_text(source, source)))
    path = camera_path(source, sample_idx)
    return decode_intrinsics(path, read_bytes(path, 'file of intrinsics'))


def decode_intrinsics(path: Path, content: bytes) -> CameraFile:
    """Decode intrinsics that were read before.

    Args:
        path (Path): The file, for the message; its ending tells what it is.
        content (bytes): What is in it.

    Returns:
        CameraFile: As from :func:`read_intrinsics`.

    Raises:
        ValueError: As :func:`read_intrinsics` does.
    """
    return _to_camera(path, decode_numbers(path, content, 'intrinsics'))


def take_intrinsics(values: ArrayLike) -> CameraFile:
    """Take intrinsics that a program hands over.

    Args:
        values (ArrayLike): (4,), fx, fy, cx, cy; or a (3, 3) matrix, which is
            read as that of a file.

    Returns:
        CameraFile: As from :func:`read_intrinsics`.

    Raises:
        ValueError: If they are of another shape, or as :func:`read_intrinsics`.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape not in ((4,), (3, 3)):
        raise ValueError(
            'intrinsics should be fx, fy, cx, cy or a 3 x 3 matrix, but got '
            f'{numbers.shape}'
        )
    intrinsics, is_transposed = _find_intrinsics(numbers.ravel())
    return CameraFile(intrinsics, is_transposed=is_transposed)


def _to_camera(source: object, found: FoundNumbers) -> CameraFile:
    """Intrinsics of a file; its name stands before what is wrong."""
    try:
        intrinsics, is_transposed = _find_intrinsics(found.numbers)
    except ValueError as error:
        raise ValueError(f'{source}: {error}') from error
    return CameraFile(
        intrinsics,
        found.img_size,
        is_transposed and found.key != _COLUMN_MAJOR_KEY,
    )


def _find_intrinsics(found: np.ndarray) -> tuple[Intrinsics, bool]:
    """Intrinsics from four numbers or a matrix, and whether it is transposed."""
    numbers, is_transposed = found, False
    if numbers.size == 12:
        numbers = np.append(numbers, (0, 0, 0, 1))
    if numbers.size in (9, 16):
        side = round(numbers.size**0.5)
        matrix = numbers.reshape(side, side)
        is_transposed = not _is_projection(matrix) and _is_projection(matrix.T)
        matrix = matrix.T if is_transposed else matrix
        if _is_projection(matrix):
            numbers = matrix[[0, 1, 0, 1], [0, 1, 2, 2]]
    if numbers.size != 4 or not np.isfinite(numbers).all() or min(numbers[:2]) <= 0:
        raise ValueError(
            'intrinsics should be fx, fy, cx, cy or a 3 x 3 or '
            '4 x 4 matrix without skew whose last row is 0 0 1, but got '
            f'{found[:16].tolist()}'
        )
    return Intrinsics(*numbers.tolist()), is_transposed


def check_camera(camera: CameraFile, photo_size: Sequence[int], name: str) -> None:
    """Refuse intrinsics that are not for a photo.

    Args:
        camera (CameraFile): Of :func:`read_intrinsics`.
        photo_size (Sequence[int]): Height and width of the photo.
        name (str): What the message calls them.

    Raises:
        ValueError: If the file says so, or numbers and photo do not fit
            (:func:`~cleaners.geometry.camera.check_intrinsics`).
    """
    try:
        _check_size(camera, photo_size)
        check_intrinsics(camera.intrinsics, photo_size)
    except ValueError as error:
        raise ValueError(f'{name}: {error} (--force takes them as they are)') from error


def _check_size(camera: CameraFile, photo_size: Sequence[int]) -> None:
    """Refuse a file that names another size than the photo's."""
    if camera.img_size not in (None, tuple(photo_size)):
        raise ValueError(
            'the file says that they are for images of '
            f'{" x ".join(map(str, camera.img_size))} pixels, but the photo '
            f'has {" x ".join(map(str, photo_size))}; scale them, or give '
            'the photo of that size'
        )


def read_pose(source: str, sample_idx: str) -> np.ndarray:
    """Read the pose of a camera, camera to world.

    Args:
        source (str): A text file with the 4 x 4 matrix, a JSON or YAML file
            with it under ``pose`` or ``cam2world``, or a folder with one
            such file a frame.
        sample_idx (str): Of the frame.

    Returns:
        np.ndarray: (4, 4) float64, finite.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds no pose.
    """
    path = camera_path(source, sample_idx)
    content = read_bytes(path, 'file of pose')
    numbers = decode_numbers(path, content, 'pose').numbers
    if numbers.size != 16:
        raise ValueError(
            f'{path}: a pose should be 4 x 4 numbers, but got {numbers.size}'
        )
    if not np.isfinite(numbers).all():
        raise ValueError(
            f'{path}: the pose is not finite; the camera was lost in this frame'
        )
    pose = numbers.reshape(4, 4)
    last = (0, 0, 0, 1)
    if np.allclose(pose[:, 3], last) and not np.allclose(pose[3], last):
        raise ValueError(
            f'{path}: the last column is 0 0 0 1, not the last '
            'row: written column by column? transpose it'
        )
    return pose


def camera_path(source: str, sample_idx: str) -> Path:
    """Find the file of a frame.

    Args:
        source (str): A file, or a folder with one file a frame.
        sample_idx (str): Of the frame.

    Returns:
        Path: The file; it may be missing.

    Raises:
        ValueError: If there are several.
    """
    path = Path(source)
    # unlike a Path it takes numbers in place of a file, which may be too long a name
    if not osp.isdir(source):
        return path
    choices = [path / f'{sample_idx}{suffix}' for suffix in SUFFIXES]
    found = [choice for choice in choices if choice.is_file()]
    if len(found) > 1:
        raise ValueError(
            f'{found[0]} and {found[1].name}: two files of one frame; keep one of them'
        )
    return found[0] if found else choices[1]


def _is_projection(matrix: np.ndarray) -> bool:
    """Whether a square matrix is K, or K with a row and a column added."""
    expected = np.eye(len(matrix))
    for where in ((0, 0), (1, 1), (0, 2), (1, 2)):
        expected[where] = matrix[where]
    slack = np.full_like(expected, 1e-6)
    slack[:2, :2] = abs(matrix[0, 0]) * _SKEW_SLACK
    return bool((np.abs(matrix - expected) <= slack).all())
