"""Where the taps of a 3x3x3 kernel are, once it is turned about the depth axis.

Convention: tap ``((d + 1) * 3 + h + 1) * 3 + w + 1`` is the one at (d, h, w),
each -1, 0 or 1, along the grid axes (X, Y, Z). Turned by an angle a it lies at
(d cos a - h sin a, d sin a + h cos a, w), and reads a volume there by
trilinear interpolation, 0 outside of it.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

_TAPS = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
_CORNERS = np.array(list(itertools.product((0, 1), repeat=3)))
# of cosine and sine, so that those of 90 degrees are 0 and 1
_DIGITS = 14


def tap_matrix(degrees: float) -> Tensor:
    """Write turned taps as weights of voxels.

    A convolution with ``weight @ tap_matrix`` reads what that with turned
    taps would read, interpolated.

    Args:
        degrees (float): By which the kernel is turned.

    Returns:
        Tensor: (27, n, n, 3) float64, a row a tap. n, 3 or 5, are the voxels
        that it may reach along the first two axes.
    """
    angle = math.radians(degrees)
    rounded = (round(value, _DIGITS) for value in (math.cos(angle), math.sin(angle)))
    points = _turn(*map(np.float64, rounded))
    low = np.floor(points).astype(int)
    reach = math.ceil(np.abs(points).max())
    size = 2 * reach + 1
    matrix = np.zeros((len(_TAPS), size, size, 3))
    for tap, weights in enumerate(_corner_weights(points - low)):
        for corner, weight in zip(_CORNERS + low[tap], weights):
            if weight:
                first, second, third = corner + (reach, reach, 1)
                matrix[tap, first, second, third] += weight
    return torch.from_numpy(matrix)


def public_neighbours(
    degrees: float, grid_size: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Say what the public code of CVSformer reads for each voxel and tap.

    It works in float32: its cosine of 90 degrees is not 0, and a coordinate
    that is nearly a whole number becomes one, once it is large. Then weights
    and voxels do not belong together, and a tap reads the next voxel.

    Args:
        degrees (float): By which the kernel is turned.
        grid_size (Sequence[int]): Of the volume.

    Returns:
        tuple[Tensor, Tensor]: (N, 27, 8) int64, flat voxels, N for one that
        is outside; and their weights, (27, 8) float32, the same for all.
    """
    angle = torch.tensor(math.radians(degrees))
    points = _turn(np.float32(angle.cos()), np.float32(angle.sin()))
    voxels = np.moveaxis(np.indices(grid_size), 0, -1).reshape(-1, 1, 3)
    low = np.floor(voxels.astype(np.float32) + points).astype(int)
    corners = low[:, :, None] + _CORNERS
    inside = ((corners >= 0) & (corners < grid_size)).all(-1)
    along = [corners[..., axis] for axis in range(3)]
    flat = np.ravel_multi_index(along, grid_size, mode='clip')
    weights = _corner_weights(points - np.floor(points))
    return (
        torch.from_numpy(np.where(inside, flat, len(voxels))),
        torch.from_numpy(weights),
    )


def _turn(cos: np.floating, sin: np.floating) -> np.ndarray:
    """Return the places of the taps, (27, 3), in the precision of both."""
    first, second, third = _TAPS.T.astype(cos.dtype)
    return np.stack((first * cos - second * sin, first * sin + second * cos, third), 1)


def _corner_weights(part: np.ndarray) -> np.ndarray:
    """Return the weights of the 8 voxels around each place, (27, 8)."""
    return np.where(_CORNERS, part[:, None], 1 - part[:, None]).prod(-1)
