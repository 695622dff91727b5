"""The pose of a camera from nothing but its mapping."""

from typing import NamedTuple

import cv2
import numpy as np
from scipy.optimize import linprog

from .camera import Intrinsics, pixel_rays
from .mapping import check_mapping
from .voxel_grid import VoxelGrid

# fewer do not determine a pose safely
MIN_VOXELS = 20
_RANSAC_ITERATIONS = 300
# pixels; a voxel of 8 cm is seen this large from 5 m
_RANSAC_ERROR = 8.0
# rounds of the two refinements; they stop earlier when nothing changes
_MISS_ROUNDS = 15
_MARGIN_ROUNDS = 5
# voxel edges: a ray that misses by more from the first pose is an outlier
_OUTLIER = 1.0
# voxel edges: farther from its side, a ray is an outlier or does not bound
# the pose
_NEAR_SIDE = 1 / 8
# voxel edges: a smaller step is the last
_LAST_STEP = 1e-3
# corners of the unit cube, and the pairs that are joined by an edge
_CORNERS = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
_EDGES = [
    (i, j)
    for i in range(8)
    for j in range(i)
    if np.abs(_CORNERS[i] - _CORNERS[j]).sum() == 1
]


class MappingPose(NamedTuple):
    """A camera pose, and how well it explains the mapping.

    Attributes:
        cam2world (np.ndarray): (4, 4) float64, camera to world, metres. The
            world's origin is node (0, 0, 0) of the grid.
        hit_share (float): Share of the mapped voxels that the ray of their
            pixel runs through.
        num_voxels (int): Mapped voxels.
    """

    cam2world: np.ndarray
    hit_share: float
    num_voxels: int


class _Pairs(NamedTuple):
    """Mapped voxels and the rays of their pixels.

    Attributes:
        corner (np.ndarray): (N, 3), low corner of each voxel, metres, in
            world X, Y, Z from node (0, 0, 0).
        size (float): Edge of a voxel, metres.
        ray (np.ndarray): (N, 3) in the camera frame, z is 1.
        pixel (np.ndarray): (N, 2) float64, u and v.
    """

    corner: np.ndarray
    size: float
    ray: np.ndarray
    pixel: np.ndarray


class _Sides(NamedTuple):
    """The planes through the camera and the outline of each voxel.

    The ray of a pixel runs through its voxel if it is inside of all sides.

    Attributes:
        slack (np.ndarray): (M,), metres that the ray is inside, at the
            distance of the voxel; negative where it misses.
        jacobian (np.ndarray): (M, 6), its change with a shift (metres) and
            a turn (radians) of the camera, both along the world axes.
    """

    slack: np.ndarray
    jacobian: np.ndarray


def pose_from_mapping(
    mapping: np.ndarray,
    grid: VoxelGrid,
    intrinsics: Intrinsics,
    img_size: tuple[int, int],
) -> MappingPose:
    """Solve for the pose of the camera that a mapping was made with.

    A pixel maps to the voxel that its surface point lies in, so its ray
    runs through that voxel. PnP on the voxels' centres gives a first pose;
    the next one lowers the sum of misses; the last one is as far as
    possible from missing any voxel, which is a middle of all the poses that
    explain the mapping. Some wrong pairs cost accuracy; the share of hits
    tells of them, and of another camera.

    Args:
        mapping (np.ndarray): (X * Y * Z,) integers, ``v * W + u`` of the
            pixel that sees each voxel; ``H * W`` for none.
        grid (VoxelGrid): The grid of the mapping.
        intrinsics (Intrinsics): Of the camera.
        img_size (tuple[int, int]): Height and width.

    Returns:
        MappingPose: Relative to the grid.

    Raises:
        ValueError: If the mapping does not fit grid and image, names less
            than 20 voxels, or no pose is found.
    """
    pairs = _make_pairs(mapping, grid, intrinsics, img_size)
    cam2world = _solve_pnp(pairs, intrinsics)
    cam2world = _reduce_misses(cam2world, pairs)
    cam2world = _widen_margin(cam2world, pairs)
    return MappingPose(
        cam2world, _hits(cam2world, pairs).mean().item(), len(pairs.corner)
    )


def _make_pairs(
    mapping: np.ndarray,
    grid: VoxelGrid,
    intrinsics: Intrinsics,
    img_size: tuple[int, int],
) -> _Pairs:
    """Mapped voxels and their pixels."""
    mapping = check_mapping(mapping, img_size)
    if len(mapping) != grid.num_voxels:
        raise ValueError(
            f'mapping should have {grid.num_voxels} voxels, but got {len(mapping)}'
        )
    height, width = img_size
    voxels = np.flatnonzero(mapping < height * width)
    if len(voxels) < MIN_VOXELS:
        raise ValueError(
            f'mapping names {len(voxels)} voxels; a pose needs at least {MIN_VOXELS}'
        )
    i, j, k = np.unravel_index(voxels, grid.shape)
    v, u = np.divmod(mapping[voxels], width)
    return _Pairs(
        np.stack([i, k, j], axis=1) * grid.voxel_size,
        grid.voxel_size,
        pixel_rays(intrinsics, img_size)[mapping[voxels]],
        np.stack([u, v], axis=1).astype(np.float64),
    )


def _solve_pnp(pairs: _Pairs, intrinsics: Intrinsics) -> np.ndarray:
    """First pose, from the voxels' centres."""
    centres = pairs.corner + pairs.size / 2
    cam2img = intrinsics.cam2img
    # OpenCV takes None for no distortion, whatever its stubs say
    try:
        found, turn, shift, inliers = cv2.solvePnPRansac(  # type: ignore[call-overload]
            centres,
            pairs.pixel,
            cam2img,
            None,
            iterationsCount=_RANSAC_ITERATIONS,
            reprojectionError=_RANSAC_ERROR,
            flags=cv2.SOLVEPNP_SQPNP,
        )
    except cv2.error:
        # such as for pixels that are all the same
        found = False
    if not found:
        raise ValueError(
            'no camera pose explains the mapping; is it of this grid, image and camera?'
        )
    inliers = inliers[:, 0]
    turn, shift = cv2.solvePnPRefineLM(  # type: ignore[call-overload]
        centres[inliers], pairs.pixel[inliers], cam2img, None, turn, shift
    )
    world2cam = np.eye(4)
    world2cam[:3, :3] = cv2.Rodrigues(turn)[0]
    world2cam[:3, 3] = shift[:, 0]
    return np.linalg.inv(world2cam)


def _reduce_misses(cam2world: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """Lower the sum of the misses, by iteratively reweighted least squares.

    Unlike the margin it is not led astray by a few wrong pairs.
    """
    least = _NEAR_SIDE * pairs.size / 2
    for _ in range(_MISS_ROUNDS):
        slack, jacobian = _find_sides(cam2world, pairs)
        missed = (slack < 0) & (slack > -_OUTLIER * pairs.size)
        slack, jacobian = slack[missed], jacobian[missed]
        if (slack > -least).all():
            # the margin does the rest
            break
        weighted = jacobian / np.maximum(-slack, least / 4)[:, None]
        normal = weighted.T @ jacobian
        # a few misses do not determine all six numbers
        damping = 1e-5 * np.trace(normal) * np.eye(6)
        step = np.linalg.solve(normal + damping, -weighted.T @ slack)
        cam2world = _move(cam2world, step)
    return cam2world


def _widen_margin(cam2world: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """Widest margin to the sides of all voxels, by linear programs."""
    for _ in range(_MARGIN_ROUNDS):
        slack, jacobian = _find_sides(cam2world, pairs)
        near = np.abs(slack) < _NEAR_SIDE * pairs.size
        if near.sum() < 7:
            break
        # unknowns: the step, and the margin, which is to be large
        result = linprog(
            [0.0] * 6 + [-1.0],
            A_ub=np.column_stack([-jacobian[near], np.ones(near.sum())]),
            b_ub=slack[near],
            bounds=[(-pairs.size, pairs.size)] * 6 + [(None, None)],
        )
        if not result.success:
            break
        cam2world = _move(cam2world, result.x[:6])
        if np.abs(result.x[:6]).max() < _LAST_STEP * pairs.size:
            break
    return cam2world


def _find_sides(cam2world: np.ndarray, pairs: _Pairs) -> _Sides:
    """Sides of all voxels, as they are seen from the camera."""
    low = pairs.corner - cam2world[:3, 3]
    centre = low + pairs.size / 2
    direction = pairs.ray @ cam2world[:3, :3].T
    # the point of each ray that is nearest to the voxel's centre
    along = (centre * direction).sum(1) / (direction**2).sum(1)
    point = along[:, None] * direction
    # whether the low and the high face of each axis are turned to the camera
    facing = np.stack([low > 0, low + pairs.size < 0])
    slacks, jacobians = [], []
    for i, j in _EDGES:
        first, second = np.flatnonzero(_CORNERS[i] == _CORNERS[j])
        # of the outline: between a face that is seen and one that is not
        outline = (
            facing[_CORNERS[i, first], :, first]
            != facing[_CORNERS[i, second], :, second]
        )
        start = low[outline] + pairs.size * _CORNERS[i]
        normal = np.cross(start, low[outline] + pairs.size * _CORNERS[j])
        normal *= np.sign((normal * centre[outline]).sum(1, keepdims=True))
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        slacks.append((normal * point[outline]).sum(1))
        jacobians.append(np.column_stack([normal, np.cross(point[outline], normal)]))
    return _Sides(np.concatenate(slacks), np.concatenate(jacobians))


def _move(cam2world: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Shift and turn a camera about itself, along the world axes."""
    moved = cam2world.copy()
    moved[:3, 3] += step[:3]
    moved[:3, :3] = cv2.Rodrigues(step[3:])[0] @ cam2world[:3, :3]
    return moved


def _hits(cam2world: np.ndarray, pairs: _Pairs) -> np.ndarray:
    """Whether each ray runs through its voxel."""
    direction = pairs.ray @ cam2world[:3, :3].T
    low = pairs.corner - cam2world[:3, 3]
    # a ray along an axis never meets two of the faces
    with np.errstate(divide='ignore'):
        first, second = low / direction, (low + pairs.size) / direction
    entry = np.minimum(first, second).max(1)
    return entry <= np.maximum(first, second).min(1)
