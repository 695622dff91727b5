"""Pinhole cameras and their depth images."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# of the principal point from the middle, as part of the image's size: a K
# of twice or half the size is .7 or .35 away, an aligned or cropped real
# camera up to .08
_MAX_OFFSET = 0.1
# degrees; what a pinhole camera of rooms has
_FIELD_OF_VIEW = (20.0, 150.0)


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

    @classmethod
    def from_matrix(cls, cam2img: ArrayLike) -> 'Intrinsics':
        """Read a projection matrix.

        Args:
            cam2img (ArrayLike): (3, 3) or larger, rows first.

        Returns:
            Intrinsics: Its focal lengths and principal point.

        Raises:
            ValueError: If it is of another shape.
        """
        matrix = np.asarray(cam2img, dtype=np.float64)
        if matrix.ndim != 2 or min(matrix.shape) < 3:
            raise ValueError(
                'a projection matrix should be 3 x 3 or larger, but got '
                f'{" x ".join(map(str, matrix.shape)) or "a number"}'
            )
        return cls(*matrix[[0, 1, 0, 1], [0, 1, 2, 2]].tolist())

    @property
    def cam2img(self) -> np.ndarray:
        """np.ndarray: (3, 3) float64 projection matrix."""
        return np.array(
            [[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]]
        )


def check_intrinsics(intrinsics: Intrinsics, img_size: Sequence[int]) -> None:
    """Check whether a camera can have taken images of a size.

    Args:
        intrinsics (Intrinsics): Of the camera.
        img_size (Sequence[int]): Height and width.

    Raises:
        ValueError: If the principal point is far from the middle, as that
            of another resolution is, or the field of view is absurd.
    """
    size = np.array(img_size[::-1], dtype=np.float64)
    center = np.array(intrinsics[2:])
    photo = f'a photo of {img_size[0]} x {img_size[1]} pixels'
    # cameras count the middle as W / 2 or as (W - 1) / 2
    if np.linalg.norm((center + 0.25) / size - 0.5) > _MAX_OFFSET:
        width, height = np.rint(2 * center + 0.5).astype(int)
        hint = 'give fx, fy, cx, cy in pixels of the photo'
        if min(width, height) > 9:
            hint = (
                f'K seems to be for about {height} x {width}; scale it, '
                'or give the photo of that size'
            )
        raise ValueError(
            f'the principal point ({center[0]:g}, {center[1]:g}) is far from '
            f'the middle of {photo}; {hint}'
        )
    angles = np.rad2deg(2 * np.arctan(size / 2 / intrinsics[:2]))
    if not (_FIELD_OF_VIEW[0] <= angles.min() and angles.max() <= _FIELD_OF_VIEW[1]):
        raise ValueError(
            f'fx = {intrinsics.fx:g} and fy = {intrinsics.fy:g} give {photo} '
            f'a field of view of {angles[1]:.0f} x {angles[0]:.0f} degrees; '
            'give fx, fy, cx, cy in pixels of the photo'
        )


def pixel_rays(intrinsics: Intrinsics, img_size: Sequence[int]) -> np.ndarray:
    """Rays through all pixels, in raster order.

    Convention: camera frame (x right, y down, z forward). The z component
    is one, so that ``depth * ray`` is the point seen.

    Args:
        intrinsics (Intrinsics): Of the camera.
        img_size (Sequence[int]): Height and width.

    Returns:
        np.ndarray: (H * W, 3) float64.
    """
    height, width = img_size
    v, u = np.mgrid[:height, :width].astype(np.float64)
    x = (u - intrinsics.cx) / intrinsics.fx
    y = (v - intrinsics.cy) / intrinsics.fy
    return np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)


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
            'pixels are not; write 0 where nothing was measured'
        )
    return depth
