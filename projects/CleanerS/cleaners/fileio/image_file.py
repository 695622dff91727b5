"""Image files of any origin, read without trusting what they claim."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Union

import cv2
import numpy as np
from PIL import Image

from .file_size import refuse_large

MAX_PIXELS = 64 * 10**6
# four channels of float32 at that size would be twice as many
_MAX_BYTES = 512 * 2**20
_FORMATS = ('PNG', 'JPEG')
_ORIENTATION = 0x0112


def read_bytes(path: Union[str, Path], kind: str) -> bytes:
    """Read a file of an ordinary size.

    Args:
        path (str | Path): The file.
        kind (str): What it should be, for the message.

    Returns:
        bytes: Its content.

    Raises:
        FileNotFoundError: If there is no such file.
        InputError: If it has more than 512 MiB.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such {kind}')
    refuse_large(path, _MAX_BYTES, str(path), kind)
    return path.read_bytes()


def decode_image(
    path: Union[str, Path], content: bytes, flags: int = cv2.IMREAD_UNCHANGED
) -> np.ndarray:
    """Decode a PNG or JPEG file that was read before.

    The size in its header is looked at first, so that a broken file cannot
    ask for more memory than an image needs.

    Args:
        path (str | Path): The file, for the message.
        content (bytes): What is in it.
        flags (int): As in ``cv2.imread``. Defaults to the pixels as they
            are stored.

    Returns:
        np.ndarray: (H, W) or (H, W, C), uint8 or uint16; colours as OpenCV
        orders them.

    Raises:
        ValueError: If it is not such a file, is broken or too large.
    """
    check_num_pixels(path, _image_size(path, content))
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None:
        raise ValueError(f'{path}: not a readable PNG or JPEG; copy it again')
    return image


def check_num_pixels(path: Union[str, Path], size: Sequence[int]) -> None:
    """Refuse what a broken header claims.

    Args:
        path (str | Path): The file, for the message.
        size (Sequence[int]): Width, height, and what else there is.

    Raises:
        ValueError: If that is more than any camera's image.
    """
    if not 0 < math.prod(size) <= MAX_PIXELS:
        raise ValueError(
            f'{path}: {" x ".join(map(str, size))} pixels, but '
            f'1 to {MAX_PIXELS // 10**6} million are expected; '
            'is it broken?'
        )


def read_photo(path: Union[str, Path]) -> np.ndarray:
    """Read a colour photo, as :func:`decode_photo` decodes it.

    Args:
        path (str | Path): The file.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no photo, is broken or too large.
    """
    return decode_photo(path, read_bytes(path, 'photo'))


def decode_photo(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode a colour photo that was read before.

    As ``mmcv.imread`` does, so that a photo is the same for the data
    preparation, a data set and the inference API: turned as its EXIF
    orientation says, grey as three equal channels, without alpha, 16 bit
    as 8.

    Args:
        path (str | Path): The file, for the message.
        content (bytes): What is in it.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.

    Raises:
        ValueError: If it is not such a file, is broken or too large.
    """
    image = decode_image(path, content, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(image[..., ::-1])


def exif_orientation(file: Union[str, Path, BinaryIO]) -> int:
    """How a photo was stored; only its header is read.

    Args:
        file (str | Path | BinaryIO): The file, or an open one.

    Returns:
        int: 1 for upright, 2 to 8 for one that ``decode_photo`` mirrors or
        turns; 1 also for a file that is no photo.
    """
    try:
        with Image.open(file, formats=_FORMATS) as image:
            orientation = image.getexif().get(_ORIENTATION, 1)
            return orientation if orientation in range(1, 9) else 1
    # the file is read again, and then what is wrong is told
    except Exception:
        return 1


def encode_png(image: np.ndarray) -> bytes:
    """Encode a depth image, labels or a photo.

    Args:
        image (np.ndarray): (H, W) uint16 or uint8, or (H, W, 3) uint8, RGB.

    Returns:
        bytes: The PNG file.
    """
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode('.png', image)[1].tobytes()


def _image_size(path: Union[str, Path], content: bytes) -> tuple[int, int]:
    """Width and height from the header."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            return image.size
    # whatever a parser stumbles over, the file is broken
    except Exception as error:
        raise ValueError(
            f'{path}: not a readable PNG or JPEG; copy it again'
        ) from error
