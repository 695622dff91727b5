"""What a depth image shows of surfaces: points and their normals."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from .camera import Intrinsics, check_depth
from .tsdf import DEPTH_RANGE

# fewer samples than this show nothing
MIN_SAMPLES = 200
# half a window and the distance of the samples, in pixels; the share of a
# window that must be measured; how far its points may lie from their plane,
# as a part of the plane's distance
_WINDOW = 5
_STRIDE = 4
_MIN_MEASURED = 0.6
_MAX_THICKNESS = 0.012
# a patch is sunken if it is this many times as deep as its rim and narrower
# than this part of the image's width
_SUNKEN_RATIO = 1.5
_SUNKEN_WIDTH = 1 / 6
# samples from the rim; what is deeper in a hole counts as near
_MAX_HOLE = 3


class Surface(NamedTuple):
    """Samples of the surface that a depth image shows.

    Convention: camera frame (x right, y down, z forward).

    Attributes:
        points (np.ndarray): (N, 3) float64, metres.
        normals (np.ndarray): (N, 3) float64, unit length, towards the
            camera.
        is_sunken (np.ndarray): (N,) bool, in a small patch that lies far
            behind all of its rim: a gap, or a mirror image.
    """

    points: np.ndarray
    normals: np.ndarray
    is_sunken: np.ndarray


def sample_surface(depth: np.ndarray, intrinsics: Intrinsics) -> Surface:
    """Fit small planes to a depth image.

    Every fourth pixel is sampled, and a plane is fitted to the window
    around it. Inverse depth is linear in the pixel on a plane, and depth
    cameras are about equally wrong in it everywhere: a linear regression.
    (The thinnest direction of the points leans towards the camera where a
    surface is slanted and noisy.)

    Left out are depths that the TSDF does not use either, and windows with
    holes or steps in them.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        intrinsics (Intrinsics): Of the camera.

    Returns:
        Surface: What is flat enough.

    Raises:
        ValueError: If hardly anything is.
    """
    depth = _usable_depth(depth)
    rays = _sample_rays(depth.shape, intrinsics)
    sampled = depth[::_STRIDE, ::_STRIDE]
    share, moments = _window_moments(depth, intrinsics)
    kept = (sampled > 0) & (share > _MIN_MEASURED)
    planes, noise = _fit_planes([moment[kept] for moment in moments])
    inverse_distance = np.linalg.norm(planes, axis=1)
    flat = noise < _MAX_THICKNESS * inverse_distance
    if flat.sum() < MIN_SAMPLES:
        raise ValueError(
            'the depth image shows too little surface within {} to {} m to '
            'estimate a pose from; check --depth-scale, or give '
            '--pose'.format(*DEPTH_RANGE)
        )
    points = (rays * sampled[..., None])[kept]
    normals = -planes / inverse_distance[:, None]
    is_sunken = find_sunken(sampled)[kept]
    return Surface(points[flat], normals[flat], is_sunken[flat])


def _usable_depth(depth: np.ndarray) -> np.ndarray:
    """Depth, (H, W) float64; 0 also where the TSDF does not use it."""
    depth = check_depth(depth)
    nearest, farthest = DEPTH_RANGE
    return np.where((depth >= nearest) & (depth <= farthest), depth, 0.0)


def _sample_rays(img_size: Sequence[int], intrinsics: Intrinsics) -> np.ndarray:
    """Rays of the sampled pixels, (h, w, 3), with z = 1."""
    v, u = np.mgrid[: img_size[0] : _STRIDE, : img_size[1] : _STRIDE]
    x = (u - intrinsics.cx) / intrinsics.fx
    y = (v - intrinsics.cy) / intrinsics.fy
    return np.stack([x, y, np.ones_like(x)], axis=-1)


def _window_moments(
    depth: np.ndarray, intrinsics: Intrinsics
) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """Moments of the measured pixels in a window around every sample.

    Args:
        depth (np.ndarray): (H, W) float64; 0 means "not measured".
        intrinsics (Intrinsics): Of the camera.

    Returns:
        tuple[np.ndarray, list[np.ndarray]]: Measured share (h, w), and the
        means (h, w) of x, y, w, xx, xy, yy, xw, yw, ww, with the ray
        (x, y, 1) and the inverse depth w.
    """
    measured = depth > 0
    y, x = np.ogrid[: depth.shape[0], : depth.shape[1]]
    x = (x - intrinsics.cx) / intrinsics.fx * measured
    y = (y - intrinsics.cy) / intrinsics.fy * measured
    w = np.divide(1.0, depth, out=np.zeros_like(depth), where=measured)
    size = (2 * _WINDOW + 1,) * 2

    def blur(image: np.ndarray) -> np.ndarray:
        blurred = cv2.boxFilter(image, cv2.CV_64F, size, borderType=cv2.BORDER_CONSTANT)
        return blurred[::_STRIDE, ::_STRIDE]

    share = blur(measured.astype(np.float64))
    weight = np.maximum(share, 1e-9)
    products = (x, y, w, x * x, x * y, y * y, x * w, y * w, w * w)
    return share, [blur(product) / weight for product in products]


def _fit_planes(moments: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Regression of inverse depth on the ray: w = a x + b y + c.

    Args:
        moments (Sequence[np.ndarray]): (N,) each, as from
            :func:`_window_moments`.

    Returns:
        tuple[np.ndarray, np.ndarray]: (a, b, c), (N, 3), the normal away
        from the camera over the plane's distance; and the standard
        deviation of inverse depth from it, (N,), 1 / m.
    """
    x, y, w, xx, xy, yy, xw, yw, ww = moments
    xx, xy, yy = xx - x * x, xy - x * y, yy - y * y
    xw, yw, ww = xw - x * w, yw - y * w, ww - w * w
    # measured pixels in one line have no plane
    area = np.maximum(xx * yy - xy * xy, 1e-18)
    a = (xw * yy - yw * xy) / area
    b = (yw * xx - xw * xy) / area
    planes = np.stack([a, b, w - a * x - b * y], axis=-1)
    return planes, np.sqrt(np.maximum(ww - a * xw - b * yw, 0))


def find_sunken(depth: np.ndarray) -> np.ndarray:
    """Find small patches that lie far behind all of their rim.

    A pixel is in none if a square as wide as a patch may be fits into the
    image around it such that nothing in the square is much nearer.

    Args:
        depth (np.ndarray): (h, w) float64; 0 means "not measured".

    Returns:
        np.ndarray: (h, w) bool.
    """
    filled = _fill_holes(depth.astype(np.float32))
    # odd, so that the square has a middle
    size = 2 * round(depth.shape[1] * _SUNKEN_WIDTH / 2) + 1
    square = np.ones((size, size), np.uint8)
    # beyond the image everything counts as near, so that no square reaches
    # out of it; but below, where the floor goes on, as far
    padded = cv2.copyMakeBorder(filled, *(size,) * 4, cv2.BORDER_CONSTANT)
    padded[-size:, size:-size] = np.inf
    level = cv2.morphologyEx(padded, cv2.MORPH_OPEN, square)
    return filled > _SUNKEN_RATIO * level[size:-size, size:-size]


def _fill_holes(depth: np.ndarray) -> np.ndarray:
    """Close small holes with the depth of the nearest measured sample."""
    holes = (depth == 0).astype(np.uint8)
    if holes.all() or not holes.any():
        return depth
    distance, label = cv2.distanceTransformWithLabels(
        holes, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(label.max() + 1, depth.dtype)
    table[label[depth > 0]] = depth[depth > 0]
    return np.where(distance <= _MAX_HOLE, table[label], 0)
