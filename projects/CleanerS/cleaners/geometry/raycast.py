"""Exact ray casting through a voxel grid."""

import numpy as np

from .compiled import compiled

MISS = -1


def cast_rays(
    occupied: np.ndarray,
    origins: np.ndarray,
    directions: np.ndarray,
    min_run: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find the first occupied voxel on each ray.

    Every ray is walked from cell to cell, so no voxel is skipped however
    thin it is, and the result does not depend on a step size.

    Convention: positions are in grid units, in the order of the array axes;
    voxel (i, j, k) is the cube [i, i + 1) x [j, j + 1) x [k, k + 1). A point
    of the ray is ``origin + t * direction`` with t >= 0. Directions are not
    normalised: with a camera z component of one, t is the depth along the
    optical axis in grid units.

    Args:
        occupied (np.ndarray): (X, Y, Z) bool or uint8, non-zero stops a ray.
        origins (np.ndarray): (3,) or (N, 3), start of the rays; they may
            lie outside of the grid.
        directions (np.ndarray): (N, 3), any length.
        min_run (float): Least length, in t, of the ray's run through a
            voxel for it to count, so that grazed corners can be passed by.
            Defaults to 0.0.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:

        - voxel: (N,) int64, flat C-order index of the voxel; -1 for a miss.
        - t_in: (N,) float64, where the ray enters it, 0 if the ray starts
          in it; inf for a miss.
        - t_out: (N,) float64, where the ray leaves it; inf for a miss.
        - face: (N,) int8, ``2 * axis + (1 if entered from the high side)``;
          -1 for a miss and for a ray that starts in the voxel.

    Raises:
        ValueError: If a shape is wrong or a ray is not finite.
    """
    occupied = np.asarray(occupied)
    if occupied.ndim != 3 or occupied.dtype.itemsize != 1:
        raise ValueError(
            'occupied should be a 3D array of bool or uint8, '
            f'but got {occupied.dtype} of {occupied.shape}'
        )
    directions = np.ascontiguousarray(directions, dtype=np.float64)
    if directions.ndim != 2 or directions.shape[1] != 3:
        raise ValueError(f'directions should be (N, 3), but got {directions.shape}')
    origins = np.asarray(origins, dtype=np.float64)
    if origins.shape not in ((3,), directions.shape):
        raise ValueError(
            f'origins should be (3,) or {directions.shape}, but got {origins.shape}'
        )
    if not (np.isfinite(origins).all() and np.isfinite(directions).all()):
        raise ValueError('origins and directions should be finite numbers')
    origins = np.ascontiguousarray(np.atleast_2d(origins))
    occupied = np.ascontiguousarray(occupied).view(np.uint8)

    num_rays = len(directions)
    voxel = np.full(num_rays, MISS, dtype=np.int64)
    t_in = np.full(num_rays, np.inf)
    t_out = np.full(num_rays, np.inf)
    face = np.full(num_rays, MISS, dtype=np.int8)
    _walk_rays(occupied, origins, directions, float(min_run), voxel, t_in, t_out, face)
    return voxel, t_in, t_out, face


@compiled(inline='always')
def _plane_t(cell: int, origin: float, direction: float) -> float:
    """T at which a ray leaves a cell along one axis; inf if it never does."""
    if direction > 0:
        return (cell + 1 - origin) / direction
    if direction < 0:
        return (cell - origin) / direction
    return np.inf


@compiled()
def _enter_box(
    shape: tuple[int, ...], origin: np.ndarray, direction: np.ndarray
) -> tuple[float, int]:
    """Where a ray enters the grid.

    Returns:
        tuple[float, int]: t, inf for a miss, and the axis crossed there, -1
        if the ray starts inside.
    """
    t_enter, t_leave, axis = 0.0, np.inf, -1
    for i in range(3):
        if direction[i] == 0:
            if origin[i] < 0 or origin[i] >= shape[i]:
                return np.inf, -1
            continue
        near = -origin[i] / direction[i]
        far = (shape[i] - origin[i]) / direction[i]
        if near > far:
            near, far = far, near
        if near > t_enter:
            t_enter, axis = near, i
        t_leave = min(t_leave, far)
    if t_enter >= t_leave:
        return np.inf, -1
    return t_enter, axis


@compiled()
def _walk_rays(
    occupied: np.ndarray,
    origins: np.ndarray,
    directions: np.ndarray,
    min_run: float,
    voxel: np.ndarray,
    t_in: np.ndarray,
    t_out: np.ndarray,
    face: np.ndarray,
) -> None:
    """Walk all rays and write what they hit into the last four arrays."""
    shape = occupied.shape
    cell = np.empty(3, np.int64)
    exit_t = np.empty(3, np.float64)
    for ray in range(len(directions)):
        origin = origins[ray if len(origins) > 1 else 0]
        direction = directions[ray]
        t, axis = _enter_box(shape, origin, direction)
        if t == np.inf:
            continue
        for i in range(3):
            point = int(np.floor(origin[i] + t * direction[i]))
            if i == axis:
                # rounding must not put the ray outside where it enters
                point = 0 if direction[i] > 0 else shape[i] - 1
            cell[i] = min(max(point, 0), shape[i] - 1)
            exit_t[i] = _plane_t(cell[i], origin[i], direction[i])
        while True:
            step_axis = 0
            if exit_t[1] < exit_t[step_axis]:
                step_axis = 1
            if exit_t[2] < exit_t[step_axis]:
                step_axis = 2
            t_next = exit_t[step_axis]
            if occupied[cell[0], cell[1], cell[2]] != 0 and t_next - t >= min_run:
                voxel[ray] = (cell[0] * shape[1] + cell[1]) * shape[2] + cell[2]
                t_in[ray] = t
                t_out[ray] = t_next
                if axis >= 0:
                    face[ray] = 2 * axis + (direction[axis] < 0)
                break
            if t_next == np.inf:
                break
            cell[step_axis] += 1 if direction[step_axis] > 0 else -1
            if cell[step_axis] < 0 or cell[step_axis] >= shape[step_axis]:
                break
            exit_t[step_axis] = _plane_t(
                cell[step_axis], origin[step_axis], direction[step_axis]
            )
            t, axis = t_next, step_axis
