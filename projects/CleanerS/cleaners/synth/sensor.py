"""A depth sensor with the faults of a structured light camera."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..datasets import nyu
from ..geometry.cad import MISS_DEPTH_MM, Hits
from ..geometry.camera import pixel_rays
from ..geometry.voxel_grid import GridView
from .furniture_parts import Label

# metres; the sensor measures nothing nearer or farther
SENSOR_RANGE = (0.6, 6.5)
# focal length in pixels times baseline in metres
_DISPARITY_SCALE = nyu.INTRINSICS.fx * 0.075
_DISPARITY_STEP = 1 / 8
_DISPARITY_NOISE = 0.06
# the smooth error of a bad calibration, as a part of the squared depth
_WARP = 0.004
_EDGE_STEP = 0.06
_GRAZING_COSINE = 0.12
_SHINY = (Label.WINDOW, Label.TVS)


def surface_normals(face: np.ndarray, view: GridView) -> np.ndarray:
    """Normals of the surface that the pixels see.

    Convention: camera frame (x right, y down, z forward); the normals point
    out of the surface.

    Args:
        face (np.ndarray): (H, W) int8, as in :class:`Hits`; -1 for none.
        view (GridView): Camera and grid.

    Returns:
        np.ndarray: (H, W, 3) float64; zeros for none.
    """
    # a ray that only grazes a voxel stops in the next one, at a face which
    # is none of the surface's: such pixels form thin lines
    face = cv2.medianBlur((face + 1).astype(np.uint8), 5).astype(int) - 1
    world_axis = np.array([0, 2, 1])[np.maximum(face, 0) // 2]
    sign = np.where(face % 2 == 1, 1.0, -1.0) * (face >= 0)
    return view.cam2world[:3, :3][world_axis] * sign[..., None]


def smooth_noise(
    rng: np.random.Generator, img_size: Sequence[int], cell: int
) -> np.ndarray:
    """Random field that varies slowly.

    Args:
        rng (np.random.Generator): Source of randomness.
        img_size (Sequence[int]): Height and width.
        cell (int): Distance of independent values, in pixels.

    Returns:
        np.ndarray: (H, W) float64, about normally distributed.
    """
    height, width = img_size
    coarse = rng.normal(size=(height // cell + 2, width // cell + 2))
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def sense_depth(
    rng: np.random.Generator, hits: Hits, labels: np.ndarray, view: GridView
) -> np.ndarray:
    """Simulate the depth image of a real sensor.

    Depth is wrong (delta-noise: patches at a neighbour's depth, a smooth
    warp, quantised and noisy disparity) or missing (zero-noise: edges and
    their shadow, grazed and shiny surfaces, blobs, out of range).

    Args:
        rng (np.random.Generator): Source of randomness.
        hits (Hits): What the pixels see.
        labels (np.ndarray): (X, Y, Z) uint8, the grid that was hit.
        view (GridView): Camera and grid.

    Returns:
        np.ndarray: (H, W) uint16, millimetres; 0 means "not measured".
    """
    clean = hits.depth_mm / 1000.0
    seen = np.where(hits.voxel >= 0, labels.ravel()[hits.voxel], 0)
    shiny = np.isin(seen, _SHINY)
    depth = _displace(rng, clean, shiny)
    depth = _quantise(rng, depth)
    holes = (
        _edge_holes(rng, clean)
        | _grazing_holes(rng, hits, view)
        | _blob_holes(rng, shiny)
    )
    measured = (
        (depth > SENSOR_RANGE[0])
        & (depth < SENSOR_RANGE[1])
        & (hits.depth_mm < MISS_DEPTH_MM)
        & ~holes
    )
    return np.where(measured, np.rint(1000 * depth), 0).astype(np.uint16)


def _displace(
    rng: np.random.Generator, clean: np.ndarray, shiny: np.ndarray
) -> np.ndarray:
    """Put patches at a wrong depth."""
    size = clean.shape
    depth = clean * (1 + _WARP * clean * smooth_noise(rng, size, 60))
    # near surfaces grow over their surroundings, in a few places
    near = cv2.erode(clean, np.ones((13, 13)))
    spread = smooth_noise(rng, size, 30) > 1.6
    depth[spread] = near[spread]
    patches = smooth_noise(rng, size, 40) > 2.0
    depth[patches] += rng.choice([-1, 1]) * rng.uniform(0.08, 0.25)
    # a mirror image lies behind the surface
    depth[shiny] += np.abs(smooth_noise(rng, size, 25))[shiny] * 0.3
    return depth


def _quantise(rng: np.random.Generator, depth: np.ndarray) -> np.ndarray:
    """Measure the disparity in steps."""
    disparity = _DISPARITY_SCALE / depth
    disparity += rng.normal(0, _DISPARITY_NOISE, size=depth.shape)
    steps = np.maximum(np.rint(disparity / _DISPARITY_STEP), 1)
    return _DISPARITY_SCALE / (steps * _DISPARITY_STEP)


def _edge_holes(rng: np.random.Generator, clean: np.ndarray) -> np.ndarray:
    """Steps in depth, and the projector's shadow to the left of them."""
    kernel = np.ones((3, 3))
    step = cv2.dilate(clean, kernel) - cv2.erode(clean, kernel)
    edges = (step > _EDGE_STEP * clean).astype(np.uint8)
    shadow = np.zeros((3, 13), dtype=np.uint8)
    shadow[:, 5:] = 1
    wide = cv2.dilate(edges, shadow) > 0
    keep = smooth_noise(rng, clean.shape, 6) > 0.8
    return wide & ~keep


def _grazing_holes(rng: np.random.Generator, hits: Hits, view: GridView) -> np.ndarray:
    """Surfaces that the rays only graze."""
    size = hits.face.shape
    rays = pixel_rays(view.intrinsics, size).reshape(*size, 3)
    normals = surface_normals(hits.face, view)
    cosine = -(rays * normals).sum(-1) / np.linalg.norm(rays, axis=-1)
    limit = _GRAZING_COSINE * (1 + 0.5 * smooth_noise(rng, size, 12))
    return cosine < limit


def _blob_holes(rng: np.random.Generator, shiny: np.ndarray) -> np.ndarray:
    """Blobs anywhere, and most of the shiny surfaces."""
    size = shiny.shape
    blobs = smooth_noise(rng, size, 16) > 2.3
    return blobs | (shiny & (smooth_noise(rng, size, 14) > -0.3))
