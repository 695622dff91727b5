"""Pinhole cameras and the depth images of NYU."""

from pathlib import Path
from typing import NamedTuple, Optional, Tuple, Union

import numpy as np

from .image_file import decode_image, read_bytes

NYU_IMG_SIZE = (480, 640)
# the PNG files hold millimetres, their 16 bits rotated left by this many
_ROTATION = 3


class Intrinsics(NamedTuple):
    """Pinhole intrinsics, in pixels.

    Convention: the integer coordinate (0, 0) is the ray of the top left
    pixel; u grows to the right (camera x), v downwards (camera y), and z
    points forward.
    """

    fx: float
    fy: float
    cx: float
    cy: float

    @property
    def cam2img(self) -> np.ndarray:
        """np.ndarray: (3, 3) float64 projection matrix."""
        return np.array([[self.fx, 0., self.cx], [0., self.fy, self.cy],
                         [0., 0., 1.]])


NYU_INTRINSICS = Intrinsics(518.8579, 518.8579, 320., 240.)
NYU_CALIBRATED_INTRINSICS = Intrinsics(518.8579, 519.4696, 325.58, 253.74)


def pixel_rays(intrinsics: Intrinsics, img_size: Tuple[int,
                                                       int]) -> np.ndarray:
    """Rays through all pixels, in raster order.

    Convention: camera frame (x right, y down, z forward). The z component
    is one, so that ``depth * ray`` is the point seen.

    Args:
        intrinsics (Intrinsics): Of the camera.
        img_size (tuple[int, int]): Height and width.

    Returns:
        np.ndarray: (H * W, 3) float64.
    """
    height, width = img_size
    v, u = np.mgrid[:height, :width].astype(np.float64)
    x = (u - intrinsics.cx) / intrinsics.fx
    y = (v - intrinsics.cy) / intrinsics.fy
    return np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)


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
                   img_size: Optional[Tuple[int, int]] = NYU_IMG_SIZE,
                   is_rotated: bool = True) -> np.ndarray:
    """Read a depth image.

    Args:
        path (str | Path): A 16 bit, one channel PNG.
        img_size (tuple[int, int], optional): Height and width that it
            should have; None takes any. Defaults to (480, 640).
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
                     img_size: Optional[Tuple[int, int]] = NYU_IMG_SIZE,
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


def check_depth(depth: np.ndarray) -> np.ndarray:
    """Check a depth image.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".

    Returns:
        np.ndarray: (H, W) float64, contiguous.

    Raises:
        ValueError: If it is not 2D, or a value is negative or not finite.
    """
    depth = np.ascontiguousarray(depth, dtype=np.float64)
    if depth.ndim != 2:
        raise ValueError(f'depth should be (H, W), but got {depth.shape}')
    wrong = ~np.isfinite(depth) | (depth < 0)
    if wrong.any():
        raise ValueError(
            f'depth should be finite and not negative, but {wrong.sum()} '
            'pixels are not; write 0 where nothing was measured')
    return depth
