"""Image files of any origin, read without trusting what they claim."""

import io
from pathlib import Path
from typing import Tuple, Union

import cv2
import numpy as np
from PIL import Image

MAX_PIXELS = 64 * 10**6
_FORMATS = ('PNG', 'JPEG')


def read_bytes(path: Union[str, Path], kind: str) -> bytes:
    """Read a file.

    Args:
        path (str | Path): The file.
        kind (str): What it should be, for the message.

    Returns:
        bytes: Its content.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such {kind}')
    return path.read_bytes()


def decode_image(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode a PNG or JPEG file that was read before.

    The size in its header is looked at first, so that a broken file cannot
    ask for more memory than an image needs.

    Args:
        path (str | Path): The file, for the message.
        content (bytes): What is in it.

    Returns:
        np.ndarray: (H, W) or (H, W, C), uint8 or uint16; colours as OpenCV
        orders them.

    Raises:
        ValueError: If it is not such a file, is broken or too large.
    """
    width, height = _image_size(path, content)
    if width * height > MAX_PIXELS:
        raise ValueError(f'{path}: {width} x {height} pixels are more than '
                         f'{MAX_PIXELS // 10**6} million; is it broken?')
    try:
        image = cv2.imdecode(
            np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        image = None
    if image is None:
        raise ValueError(f'{path}: not a readable PNG or JPEG; copy it again')
    return image


def decode_photo(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode a colour photo that was read before.

    Args:
        path (str | Path): The file, for the message.
        content (bytes): What is in it.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.

    Raises:
        ValueError: If it is not such an image.
    """
    image = decode_image(path, content)
    if image.dtype != np.uint8 or image.shape[2:] not in ((3, ), (4, )):
        raise ValueError(f'{path}: a photo should be uint8 of three channels, '
                         f'but got {image.dtype} of {image.shape}')
    return np.ascontiguousarray(image[..., 2::-1])


def encode_png(image: np.ndarray) -> bytes:
    """Encode a depth image or a photo.

    Args:
        image (np.ndarray): (H, W) uint16, or (H, W, 3) uint8, RGB.

    Returns:
        bytes: The PNG file.
    """
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return cv2.imencode('.png', image)[1].tobytes()


def _image_size(path: Union[str, Path], content: bytes) -> Tuple[int, int]:
    """Width and height from the header."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            return image.size
    # whatever a parser stumbles over, the file is broken
    except Exception as error:
        raise ValueError(f'{path}: not a readable PNG or JPEG; copy it '
                         'again') from error
