"""The numbers in a text, JSON or YAML file of a camera, wherever they are."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
import yaml

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
_MAX_BYTES = 2**20
_MAX_DEPTH = 4


class FoundNumbers(NamedTuple):
    """Numbers of a file.

    Attributes:
        numbers (np.ndarray): (N,) float64.
        key (str): Under which they were. Defaults to '': under none.
        img_size (tuple[int, int], optional): Height and width that are said
            beside them. Defaults to None.
    """

    numbers: np.ndarray
    key: str = ''
    img_size: Optional[tuple[int, int]] = None


def decode_numbers(path: Path, content: bytes, kind: str) -> FoundNumbers:
    """Find the numbers of a text, JSON or YAML file.

    Args:
        path (Path): The file; its ending tells what it is.
        content (bytes): What is in it.
        kind (str): 'intrinsics' or 'pose', by whose keys they are looked for.

    Returns:
        FoundNumbers: In the order of the file; of JSON and YAML no more than
        17 rows of 17.

    Raises:
        ValueError: If it is larger than 1 MiB or broken, holds something else,
            or has none of the keys.
    """
    if len(content) > _MAX_BYTES:
        raise ValueError(
            f'{path}: {len(content)} bytes are too many for a file of {kind}'
        )
    text = content.decode('utf-8-sig', errors='replace')
    suffix = path.suffix.lower()
    if suffix not in ('.json', '.yaml', '.yml'):
        return FoundNumbers(parse_text(path, text))
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
    # each may copy another several times: a few bytes become any number
    if any(getattr(event, 'value', '') == '<<' for event in yaml.parse(text)):
        raise ValueError('it merges mappings by <<; write their values out')
    return next(iter(yaml.safe_load_all(text)), None)


def _find_numbers(path: Path, values: Any, kind: str) -> FoundNumbers:
    """Find what is looked for by its key, however deep it lies."""
    key = ''
    img_size: Optional[tuple[int, int]] = None
    for _ in range(_MAX_DEPTH):
        if not isinstance(values, dict):
            break
        fields = _plain_fields(path, values, kind)
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
    return FoundNumbers(_flatten(path, key, values), key, img_size)


def _plain_fields(path: Path, values: dict, kind: str) -> dict[str, Any]:
    """Fields by their plain keys.

    Raises:
        ValueError: If two that count are of different cameras.
    """
    counts = {_plain(n) for names in (*_NUMBERS, *_SIZES, _KEYS[kind]) for n in names}
    fields: dict[str, Any] = {}
    names: dict[str, object] = {}
    for name, value in values.items():
        key = _plain(name)
        if key in counts and fields.get(key, value) != value:
            raise ValueError(
                f'{path}: {str(names[key])!r} and {str(name)!r} differ: keep those of '
                'the camera of the photo'
            )
        fields[key], names[key] = value, name
    return fields


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


def parse_text(source: object, text: str) -> np.ndarray:
    """Read numbers between commas, white space, brackets; # starts a comment.

    Args:
        source (object): Where they are from, for the message.
        text (str): What is read.

    Returns:
        np.ndarray: (N,) float64.

    Raises:
        ValueError: If something else is among them.
    """
    text = re.sub(r'[\[\],;()]', ' ', re.sub('#.*', '', text))
    try:
        return np.array([float(number) for number in text.split()])
    except ValueError as error:
        raise ValueError(
            f'{source}: holds something that is no number ({str(error)[:80]})'
        ) from error
