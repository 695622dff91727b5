"""Which pixel sees which voxel."""

from collections.abc import Sequence

import numpy as np

from .camera import Intrinsics, check_depth
from .compiled import compiled
from .voxel_grid import GridView, VoxelGrid

NO_VOXEL = -1


def map_pixels(
    depth: np.ndarray, view: GridView, dtype: type = np.float64
) -> np.ndarray:
    """Find the voxel that every pixel sees.

    Convention: pixel (v, u) with depth d is the camera point
    ``((u - cx) d / fx, (v - cy) d / fy, d)``; it lies in the voxel
    ``floor((world point - voxel_origin) / voxel_size)``.

    Args:
        depth (np.ndarray): (H, W), metres along the optical axis; 0 means
            "not measured".
        view (GridView): Camera and grid.
        dtype (type): Precision of the arithmetic, ``np.float32`` or
            ``np.float64``. Defaults to ``np.float64``.

    Returns:
        np.ndarray: (H, W) int64, flat index of the voxel; -1 where nothing
        was measured or the point lies outside of the grid.

    Raises:
        ValueError: If ``depth`` is not a depth image.
    """
    depth = check_depth(depth)
    height, width = depth.shape
    return _locate(
        depth.astype(dtype),
        np.arange(height).astype(dtype),
        np.arange(width).astype(dtype),
        view.cam2world.astype(dtype),
        view.voxel_origin.astype(dtype),
        Intrinsics(*np.array(view.intrinsics, dtype)),
        view.grid.shape,
        dtype(view.grid.voxel_size),
    )


def count_points(depth: np.ndarray, view: GridView) -> np.ndarray:
    """Count the measured points in each voxel.

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured".
        view (GridView): Camera and grid.

    Returns:
        np.ndarray: (X, Y, Z) int64.

    Raises:
        ValueError: If ``depth`` is not a depth image.
    """
    voxels = map_pixels(depth, view)
    counts = np.bincount(voxels[voxels != NO_VOXEL], minlength=view.grid.num_voxels)
    return counts.reshape(view.grid.shape)


def voxel_mapping(pixel_voxel: np.ndarray, grid: VoxelGrid, factor: int) -> np.ndarray:
    """Find a pixel that sees each block of voxels.

    Of several pixels the last one in raster order is taken.

    Args:
        pixel_voxel (np.ndarray): (H, W) int64, from :func:`map_pixels`.
        grid (VoxelGrid): The grid whose voxels ``pixel_voxel`` names.
        factor (int): Voxels along the edge of a block.

    Returns:
        np.ndarray: (number of blocks,) int64, ``v * W + u`` of the pixel;
        ``H * W`` for a block that no pixel sees.

    Raises:
        ValueError: If the grid cannot be cut into such blocks.
    """
    coarse = grid.coarse(factor)
    seen = np.flatnonzero(pixel_voxel != NO_VOXEL)
    nodes = np.unravel_index(pixel_voxel.ravel()[seen], grid.shape)
    blocks = np.ravel_multi_index([node // factor for node in nodes], coarse.shape)
    mapping = np.full(coarse.num_voxels, NO_VOXEL, dtype=np.int64)
    # unlike an assignment, this does not depend on the order of writes
    np.maximum.at(mapping, blocks, seen)
    mapping[mapping == NO_VOXEL] = pixel_voxel.size
    return mapping


def check_mapping(mapping: np.ndarray, img_size: Sequence[int]) -> np.ndarray:
    """Check a mapping from voxels to pixels.

    Args:
        mapping (np.ndarray): (N,) integers, pixel of each voxel in
            0..H * W; H * W means none.
        img_size (Sequence[int]): Height and width.

    Returns:
        np.ndarray: The same.

    Raises:
        ValueError: If it is not flat, not of integers, or names a pixel that
            does not exist.
    """
    mapping = np.asarray(mapping)
    num_pixels = img_size[0] * img_size[1]
    if mapping.ndim != 1 or mapping.dtype.kind not in 'iu':
        raise ValueError(
            'mapping should be (N,) integers, but got '
            f'{mapping.dtype} of {mapping.shape}'
        )
    if mapping.size and not (mapping.min() >= 0 and mapping.max() <= num_pixels):
        raise ValueError(
            f'mapping should be in 0..{num_pixels} for an image of '
            f'{tuple(img_size)}, but spans {mapping.min()}..{mapping.max()}'
        )
    return mapping


def mapping_to_image(mapping: np.ndarray, img_size: Sequence[int]) -> np.ndarray:
    """Turn a mapping round: from voxel -> pixel to pixel -> voxel.

    Args:
        mapping (np.ndarray): (N,), see :func:`check_mapping`.
        img_size (Sequence[int]): Height and width.

    Returns:
        np.ndarray: (H, W) int64, flat index of the voxel; -1 for none. Of
        several voxels with one pixel the last is taken.

    Raises:
        ValueError: If ``mapping`` is not one.
    """
    mapping = check_mapping(mapping, img_size)
    num_pixels = img_size[0] * img_size[1]
    image = np.full(num_pixels, NO_VOXEL, dtype=np.int64)
    voxels = np.flatnonzero(mapping < num_pixels)
    np.maximum.at(image, mapping[voxels], voxels)
    return image.reshape(img_size)


@compiled()
def _locate(
    depth: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    cam2world: np.ndarray,
    origin: np.ndarray,
    intrinsics: tuple[float, float, float, float],
    shape: tuple[int, int, int],
    voxel_size: float,
) -> np.ndarray:
    """Flat voxel of every pixel; world X, Y, Z are grid axes 0, 2, 1.

    Rows and columns come as floats: an integer would make it float64.
    """
    fx, fy, cx, cy = intrinsics
    voxels = np.full(depth.shape, NO_VOXEL, np.int64)
    cell = np.empty(3, depth.dtype)
    for v, u in np.ndindex(depth.shape):
        z = depth[v, u]
        if z == 0:
            continue
        x = (columns[u] - cx) * z / fx
        y = (rows[v] - cy) * z / fy
        for axis in range(3):
            world = (
                cam2world[axis, 0] * x
                + cam2world[axis, 1] * y
                + cam2world[axis, 2] * z
                + cam2world[axis, 3]
            )
            cell[axis] = np.floor((world - origin[axis]) / voxel_size)
        i, k, j = cell[0], cell[1], cell[2]
        if 0 <= i < shape[0] and 0 <= j < shape[1] and 0 <= k < shape[2]:
            voxels[v, u] = (int(i) * shape[1] + int(j)) * shape[2] + int(k)
    return voxels
