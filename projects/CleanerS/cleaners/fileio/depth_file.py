"""Depth images: PNG as NYU has them, and what other cameras write."""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional, Union

import cv2
import numpy as np
from PIL import Image

from .image_file import check_num_pixels, decode_image, read_bytes
from .npz_file import read_npy_header

SUFFIXES = ('.png', '.npy', '.tif', '.tiff', '.exr')

# the files of NYU hold millimetres, their 16 bits rotated left by this many
_ROTATION = 3
_EXR_MAGIC = b'\x76\x2f\x31\x01'
# in an OpenEXR header: left, top, right, bottom
_DATA_WINDOW = re.compile(b'dataWindow\0box2i\0\x10\0\0\0(.{16})', re.DOTALL)


def decode_depth(raw: np.ndarray) -> np.ndarray:
    """Turn the values of a NYU depth PNG into millimetres.

    Args:
        raw (np.ndarray): (H, W) uint16, bits rotated left by three.

    Returns:
        np.ndarray: (H, W) uint16, millimetres; 0 means "not measured".
    """
    return (raw >> _ROTATION) | (raw << (16 - _ROTATION))


def encode_depth(depth_mm: np.ndarray) -> np.ndarray:
    """Undo :func:`decode_depth`.

    Args:
        depth_mm (np.ndarray): (H, W) uint16, millimetres.

    Returns:
        np.ndarray: (H, W) uint16, as a NYU depth PNG holds them.
    """
    return (depth_mm << _ROTATION) | (depth_mm >> (16 - _ROTATION))


def read_depth_png(
    path: Union[str, Path], img_size: Optional[tuple[int, int]] = None
) -> np.ndarray:
    """Read a depth image that is coded like NYU's.

    Args:
        path (str | Path): A 16 bit, one channel PNG.
        img_size (tuple[int, int], optional): Height and width that it
            should have. Defaults to None: any.

    Returns:
        np.ndarray: (H, W) uint16, millimetres; 0 means "not measured".

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such an image.
    """
    return decode_depth_png(path, read_bytes(path, 'depth image'), img_size)


def decode_depth_png(
    path: Union[str, Path],
    content: bytes,
    img_size: Optional[tuple[int, int]] = None,
) -> np.ndarray:
    """Decode a depth image of NYU that was read before.

    Args:
        path (str | Path): The file, for the message.
        content (bytes): What is in it.
        img_size (tuple[int, int], optional): As in :func:`read_depth_png`.

    Returns:
        np.ndarray: (H, W) uint16, as from :func:`read_depth_png`.

    Raises:
        ValueError: If it is not such an image.
    """
    raw = decode_image(path, content)
    if raw.ndim != 2 or raw.dtype != np.uint16:
        raise ValueError(
            f'{path}: a depth image should be one channel of '
            f'uint16, but got {raw.dtype} of {raw.shape}'
        )
    if img_size is not None and raw.shape != tuple(img_size):
        raise ValueError(
            f'{path}: a depth image of {tuple(img_size)} is '
            f'expected, but got {raw.shape}'
        )
    return decode_depth(raw)


def decode_depth_file(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode a depth image of any camera, by the ending of its name.

    Args:
        path (str | Path): The file; PNG, NumPy, TIFF or OpenEXR.
        content (bytes): What is in it.

    Returns:
        np.ndarray: (H, W), integers of 16 bits or more, or floats; as they
        are stored, see ``depth_to_metres``.

    Raises:
        ValueError: If it is no such file, is broken or too large.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _DECODERS:
        raise ValueError(
            f'{path}: a depth image should be one of {", ".join(SUFFIXES)}'
        )
    stored = _DECODERS[suffix](path, content)
    if stored.ndim == 3 and (stored.dtype.kind == 'f' or 1 in stored.shape):
        stored = _one_channel(stored)
    is_depth = stored.dtype.kind == 'f' or (
        stored.dtype.kind in 'iu' and stored.dtype.itemsize > 1
    )
    if stored.ndim != 2 or not is_depth:
        raise ValueError(
            f'{path}: a depth image should be one channel of integers of 16 '
            f'bits or more, or of floats, but got {stored.dtype} of '
            f'{stored.shape}'
        )
    return np.ascontiguousarray(stored, stored.dtype.newbyteorder('='))


def _one_channel(stored: np.ndarray) -> np.ndarray:
    """Depth of an image whose colours, apart from alpha, are all alike."""
    if 1 in stored.shape:
        return stored.squeeze(stored.shape.index(1))
    colours = stored[..., :3]
    is_same = np.array_equal(
        colours, np.broadcast_to(colours[..., :1], colours.shape), True
    )
    return colours[..., 0] if is_same else stored


def _decode_npy(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode an array of NumPy; nothing is unpickled."""
    with _told_clearly(path, '.npy file'):
        shape = read_npy_header(io.BytesIO(content))[0]
    check_num_pixels(path, shape)
    with _told_clearly(path, '.npy file'):
        return np.load(io.BytesIO(content), allow_pickle=False)


def _decode_tiff(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode the first image of a TIFF file."""
    kind = 'TIFF of float32, uint16 or int32'
    with _told_clearly(path, kind):
        image = Image.open(io.BytesIO(content), formats=('TIFF',))
    check_num_pixels(path, image.size)
    with _told_clearly(path, kind):
        image.load()
        return np.asarray(image)


def _decode_exr(path: Union[str, Path], content: bytes) -> np.ndarray:
    """Decode an OpenEXR file: channel Y, or R, G and B that are alike."""
    # OpenCV goes by the content: another format has no window to check
    windows = _DATA_WINDOW.findall(content)
    if not (content.startswith(_EXR_MAGIC) and windows):
        raise ValueError(f'{path}: not an OpenEXR file')
    # whatever the header claims, should it do so more than once
    for box in windows:
        left, top, right, bottom = np.frombuffer(box, '<i4').tolist()
        check_num_pixels(path, (right - left + 1, bottom - top + 1))
    # OpenCV looks at it when it meets the first such file
    os.environ.setdefault('OPENCV_IO_ENABLE_OPENEXR', '1')
    # what is wrong with the file is told once, below
    log_level = cv2.setLogLevel(0)
    try:
        with _told_clearly(path, 'OpenEXR file'):
            stored = cv2.imdecode(
                np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED
            )
    finally:
        cv2.setLogLevel(log_level)
    if stored is None or not stored.any():
        raise ValueError(
            f'{path}: no depth in it; an OpenEXR file should '
            'have it in the channel Y, or alike in R, G and B'
        )
    return stored


@contextmanager
def _told_clearly(path: Union[str, Path], kind: str) -> Iterator[None]:
    """Whatever a parser stumbles over, the file is broken."""
    try:
        yield
    except Exception as error:
        reason = ' '.join(str(error).split())[:120]
        raise ValueError(f'{path}: not a readable {kind} ({reason})') from error


_DECODERS = {
    '.png': decode_image,
    '.npy': _decode_npy,
    '.tif': _decode_tiff,
    '.tiff': _decode_tiff,
    '.exr': _decode_exr,
}
