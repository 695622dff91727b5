"""Pinhole cameras and their depth images."""

from typing import NamedTuple, Tuple

import numpy as np


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
    def from_matrix(cls, cam2img: np.ndarray) -> 'Intrinsics':
        """Read a projection matrix.

        Args:
            cam2img (np.ndarray): (3, 3) or larger, rows first.

        Returns:
            Intrinsics: Its focal lengths and principal point.
        """
        cam2img = np.asarray(cam2img, dtype=np.float64)
        return cls(*cam2img[[0, 1, 0, 1], [0, 1, 2, 2]].tolist())

    @property
    def cam2img(self) -> np.ndarray:
        """np.ndarray: (3, 3) float64 projection matrix."""
        return np.array([[self.fx, 0., self.cx], [0., self.fy, self.cy],
                         [0., 0., 1.]])


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
