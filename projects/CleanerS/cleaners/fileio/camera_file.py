"""Intrinsics and poses as cameras' programs write them."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
import yaml

from ..geometry.camera import Intrinsics, check_intrinsics
from .image_file import read_bytes

SUFFIXES = ('.json', '.txt', '.yaml', '.yml')
# in this order, however they are spelt: cameraMatrix, camera_matrix
_KEYS = dict(
    intrinsics=(
        'intrinsics',
        'intrinsic',
        'cam2img',
        'intrinsic_matrix',
        'camera_matrix',
        'K',
        'data',
    ),
    pose=('pose', 'cam2world', 'camera_to_world', 'data'),
)
_NUMBERS = (
    ('fx', 'fy', 'cx', 'cy'),
    ('fx', 'fy', 'ppx', 'ppy'),
    ('fl_x', 'fl_y', 'cx', 'cy'),
)
_SIZES = (('height', 'width'), ('image_height', 'image_width'), ('h', 'w'))
# Open3D and Azure Kinect write the matrix of this key column by column
_COLUMN_MAJOR_KEY = 'intrinsic_matrix'
_MAX_BYTES = 2**20
_MAX_DEPTH = 4
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


class _Found(NamedTuple):
    """Numbers of a file, under which key, and the size beside them."""

    numbers: np.ndarray
    key: str = ''
    img_size: Optional[tuple[int, int]] = None


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
    if ',' in source and not Path(source).exists():
        return _to_camera(source, _Found(_parse_text(source, source)))
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
    return _to_camera(path, _decode_numbers(path, content, 'intrinsics'))


def _to_camera(source: object, found: _Found) -> CameraFile:
    """Intrinsics from four numbers or a matrix."""
    numbers, is_transposed = found.numbers, False
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
            f'{source}: intrinsics should be fx, fy, cx, cy or a 3 x 3 or '
            '4 x 4 matrix without skew whose last row is 0 0 1, but got '
            f'{found.numbers[:16].tolist()}'
        )
    return CameraFile(
        Intrinsics(*numbers.tolist()),
        found.img_size,
        is_transposed and found.key != _COLUMN_MAJOR_KEY,
    )


def check_camera(camera: CameraFile, photo_size: Sequence[int]) -> None:
    """Refuse intrinsics that are not for a photo.

    Args:
        camera (CameraFile): Of :func:`read_intrinsics`.
        photo_size (Sequence[int]): Height and width of the photo.

    Raises:
        ValueError: If the file says so, or numbers and photo do not fit
            (:func:`~cleaners.geometry.camera.check_intrinsics`).
    """
    if camera.img_size not in (None, tuple(photo_size)):
        raise ValueError(
            'the file says that they are for images of '
            f'{" x ".join(map(str, camera.img_size))} pixels, but the photo '
            f'has {" x ".join(map(str, photo_size))}; scale them, or give '
            'the photo of that size'
        )
    check_intrinsics(camera.intrinsics, photo_size)


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
    numbers = _decode_numbers(path, content, 'pose').numbers
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
    if not path.is_dir():
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


def _decode_numbers(path: Path, content: bytes, kind: str) -> _Found:
    """Find the numbers of a text, JSON or YAML file."""
    if len(content) > _MAX_BYTES:
        raise ValueError(
            f'{path}: {len(content)} bytes are too many for a file of {kind}'
        )
    text = content.decode('utf-8-sig', errors='replace')
    suffix = path.suffix.lower()
    if suffix not in ('.json', '.yaml', '.yml'):
        return _Found(_parse_text(path, text))
    try:
        values = json.loads(text) if suffix == '.json' else _load_yaml(text)
    # whatever a parser stumbles over, the file is broken
    except Exception as error:
        reason = ' '.join(str(error).split())
        raise ValueError(
            f'{path}: not a {suffix[1:].upper()} file ({reason})'
        ) from error
    return _find_numbers(path, values, kind)


def _load_yaml(text: str) -> Any:
    """First document of a YAML file, also of one that OpenCV wrote."""
    if text.startswith('%YAML:'):
        text = text.partition('\n')[2]
    text = text.replace('!!opencv-matrix', '')
    return next(iter(yaml.safe_load_all(text)), None)


def _find_numbers(path: Path, values: Any, kind: str) -> _Found:
    """Find what is looked for by its key, however deep it lies."""
    key = ''
    img_size: Optional[tuple[int, int]] = None
    for _ in range(_MAX_DEPTH):
        if not isinstance(values, dict):
            break
        fields = {_plain(name): value for name, value in values.items()}
        img_size = _find_size(fields) or img_size
        numbers = [
            [fields.get(_plain(n)) for n in names]
            for names in _NUMBERS
            if kind == 'intrinsics'
        ]
        numbers = [four for four in numbers if None not in four]
        if numbers:
            values = numbers[0]
            break
        keys = [name for name in _KEYS[kind] if _plain(name) in fields]
        if not keys:
            raise ValueError(
                f'{path}: has none of {_KEYS[kind]}, only '
                f'{sorted(map(str, values))[:9]}'
            )
        key = keys[0]
        values = fields[_plain(key)]
    return _Found(_flatten(path, key, values), key, img_size)


def _plain(name: object) -> str:
    """A key without its prefix and the many ways to spell it."""
    return str(name).rpartition('.')[2].replace('_', '').lower()


def _find_size(fields: dict[str, object]) -> Optional[tuple[int, int]]:
    """Height and width, where both are said; ROS writes 0 for unknown."""
    for names in _SIZES:
        values = [fields.get(_plain(name)) for name in names]
        size = [value for value in values if type(value) is int and value > 0]
        if len(size) == 2:
            return size[0], size[1]
    return None


def _flatten(path: Path, key: str, values: Any) -> np.ndarray:
    """Numbers of a list, or of a list of rows."""
    numbers: list[Any] = []
    try:
        # no more than needed: a few lines of YAML can stand for billions
        for row in values[:17]:
            numbers += row[:17] if isinstance(row, list) else [row]
        return np.array([float(number) for number in numbers])
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        where = f'{key!r}' if key else 'the file'
        raise ValueError(f'{path}: {where} holds no numbers') from error


def _parse_text(source: object, text: str) -> np.ndarray:
    """Numbers between commas, white space, brackets; # starts a comment."""
    text = re.sub(r'[\[\],;()]', ' ', re.sub('#.*', '', text))
    try:
        return np.array([float(number) for number in text.split()])
    except ValueError as error:
        raise ValueError(
            f'{source}: holds something that is no number ({str(error)[:80]})'
        ) from error
