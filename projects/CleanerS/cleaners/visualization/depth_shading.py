"""A relief of a depth image, which can stand in for a missing photo."""

import cv2
import numpy as np

from ..geometry.camera import Intrinsics, pixel_rays

# metres of depth at which the light has halved
_FALLOFF = 5.0


def shade_depth(depth_mm: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Paint a depth image as a grey relief.

    Args:
        depth_mm (np.ndarray): (H, W) uint16, millimetres; 0 means "not
            measured" and becomes black.
        intrinsics (Intrinsics): Of the camera.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    depth = depth_mm / 1000.0
    rays = pixel_rays(intrinsics, depth.shape).reshape(*depth.shape, 3)
    points = cv2.GaussianBlur(rays * depth[..., None], (7, 7), 0)
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    length = np.linalg.norm(normals, axis=-1)
    facing = np.abs((normals * rays).sum(-1))
    facing /= np.maximum(length * np.linalg.norm(rays, axis=-1), 1e-12)
    grey = 255 * facing / (1 + (depth / _FALLOFF) ** 2)
    grey[depth_mm == 0] = 0
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
