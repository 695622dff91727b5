"""Depth images as 16 bit PNG files."""

from pathlib import Path
from typing import Optional, Tuple, Union

import numpy as np

from .image_file import decode_image, read_bytes

# the files of NYU hold millimetres, their 16 bits rotated left by this many
_ROTATION = 3


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


def read_depth_png(path: Union[str, Path],
                   img_size: Optional[Tuple[int, int]] = None,
                   is_rotated: bool = True) -> np.ndarray:
    """Read a depth image.

    Args:
        path (str | Path): A 16 bit, one channel PNG.
        img_size (tuple[int, int], optional): Height and width that it
            should have. Defaults to None: any.
        is_rotated (bool): Whether its bits are rotated as in the files of
            NYU. Defaults to True.

    Returns:
        np.ndarray: (H, W) uint16; from a NYU file millimetres; 0 means "not
        measured".

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such an image.
    """
    return decode_depth_png(path, read_bytes(path, 'depth image'), img_size,
                            is_rotated)


def decode_depth_png(path: Union[str, Path],
                     content: bytes,
                     img_size: Optional[Tuple[int, int]] = None,
                     is_rotated: bool = True) -> np.ndarray:
    """Decode a depth image that was read before.

    Args:
        path (str | Path): The file, for the message.
        content (bytes): What is in it.
        img_size (tuple[int, int], optional): As in :func:`read_depth_png`.
        is_rotated (bool): As in :func:`read_depth_png`.

    Returns:
        np.ndarray: (H, W) uint16, as from :func:`read_depth_png`.

    Raises:
        ValueError: If it is not such an image.
    """
    raw = decode_image(path, content)
    if raw.ndim != 2 or raw.dtype != np.uint16:
        raise ValueError(f'{path}: a depth image should be one channel of '
                         f'uint16, but got {raw.dtype} of {raw.shape}')
    if img_size is not None and raw.shape != tuple(img_size):
        raise ValueError(f'{path}: a depth image of {tuple(img_size)} is '
                         f'expected, but got {raw.shape}')
    return decode_depth(raw) if is_rotated else raw
