"""Voxel grids: axes, classes, and labels at a lower resolution."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .camera import Intrinsics, pixel_rays
from .compiled import compiled

# a block counts as unoccupied when more than this part of it is
UNOCCUPIED_FRACTION = 0.95


@dataclass(frozen=True)
class VoxelGrid:
    """Shape and resolution of a box of voxels.

    Convention: arrays have the shape (X, Y, Z), voxels along the axes
    sideways (world X), height (world Z) and depth (world Y), flattened in C
    order; what is meant in the world is always called world X, Y, Z, whose Z
    points up. Node (i, j, k) of the array is the world point
    ``origin + voxel_size * (i, k, j)``. A point belongs to the voxel whose
    node is next below it along every axis (``floor``).

    Args:
        shape (tuple[int, int, int]): Voxels along sideways, height, depth.
        voxel_size (float): Edge of a voxel, metres.
    """

    shape: tuple[int, int, int]
    voxel_size: float

    @property
    def num_voxels(self) -> int:
        """int: Number of voxels."""
        return int(np.prod(self.shape))

    def coarse(self, factor: int) -> 'VoxelGrid':
        """The grid of blocks of ``factor`` voxels along every axis.

        Args:
            factor (int): Voxels along the edge of a block.

        Returns:
            VoxelGrid: Same box, larger voxels.

        Raises:
            ValueError: If the blocks do not fill the grid.
        """
        check_blocks(self.shape, factor)
        x, y, z = (size // factor for size in self.shape)
        return VoxelGrid((x, y, z), self.voxel_size * factor)


@dataclass(frozen=True)
class GridView:
    """A camera that looks at a voxel grid.

    Args:
        cam2world (np.ndarray): (4, 4), camera to world, metres.
        voxel_origin (np.ndarray): (3,), world position (X, Y, Z) of grid
            node (0, 0, 0), metres.
        intrinsics (Intrinsics): Of the camera.
        grid (VoxelGrid): The grid.

    Raises:
        ValueError: If pose or origin have the wrong shape or are not finite.
    """

    cam2world: np.ndarray
    voxel_origin: np.ndarray
    intrinsics: Intrinsics
    grid: VoxelGrid

    def __post_init__(self) -> None:
        for name, shape in (('cam2world', (4, 4)), ('voxel_origin', (3,))):
            value = np.array(getattr(self, name), dtype=np.float64)
            if value.shape != shape or not np.isfinite(value).all():
                raise ValueError(
                    f'{name} should be finite numbers of shape {shape}, '
                    f'but got {value.tolist()}'
                )
            object.__setattr__(self, name, value)

    def coarse(self, factor: int) -> 'GridView':
        """The same camera before the blocks of the grid.

        Args:
            factor (int): Voxels along the edge of a block.

        Returns:
            GridView: Of :meth:`VoxelGrid.coarse`.
        """
        return replace(self, grid=self.grid.coarse(factor))

    def rays(self, img_size: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Rays of all pixels in the grid, as ``cast_rays`` takes them.

        Convention: positions in voxels, in the order of the array; the
        directions are scaled so that t is the depth in metres.

        Args:
            img_size (Sequence[int]): Height and width.

        Returns:
            tuple[np.ndarray, np.ndarray]: Origin (3,) and directions
            (H * W, 3), float64.
        """
        world_rays = pixel_rays(self.intrinsics, img_size) @ self.cam2world[:3, :3].T
        start = self.cam2world[:3, 3] - self.voxel_origin
        size = self.grid.voxel_size
        return start[[0, 2, 1]] / size, world_rays[:, [0, 2, 1]] / size


def check_blocks(shape: Sequence[int], factor: int) -> None:
    """Check that blocks of ``factor`` voxels fill a grid.

    Args:
        shape (Sequence[int]): Of the grid.
        factor (int): Voxels along the edge of a block.

    Raises:
        ValueError: If they do not.
    """
    if len(shape) != 3 or factor < 1 or any(size % factor for size in shape):
        raise ValueError(
            f'a grid of {tuple(shape)} cannot be cut into blocks of {factor} voxels'
        )


def downsample_labels(
    labels: np.ndarray, factor: int, num_classes: int, ignore_index: int
) -> np.ndarray:
    """Vote for one label per block.

    A block with more than 95 % of empty and ignored voxels takes the more
    frequent of these two, 0 in a tie. Any other takes the most frequent
    class, the smaller number in a tie; there, empty and ignored voxels do
    not vote.

    Args:
        labels (np.ndarray): (X, Y, Z) uint8, a class or ``ignore_index``; 0
            is empty.
        factor (int): Voxels along the edge of a block.
        num_classes (int): With the empty class.
        ignore_index (int): Label of what does not count.

    Returns:
        np.ndarray: (X / factor, Y / factor, Z / factor) uint8.

    Raises:
        ValueError: If the grid cannot be cut into such blocks, or holds
            another label.
    """
    labels = np.ascontiguousarray(labels)
    check_blocks(labels.shape, factor)
    if labels.dtype != np.uint8:
        raise ValueError(f'labels should be uint8, but got {labels.dtype}')
    votes, unknown = _vote(labels, factor, num_classes, ignore_index)
    if unknown >= 0:
        raise ValueError(
            f'unknown label {unknown}; expected 0..{num_classes - 1} or {ignore_index}'
        )
    return votes


@compiled()
def _vote(
    labels: np.ndarray, factor: int, num_classes: int, ignore_index: int
) -> tuple[np.ndarray, int]:
    """Labels of all blocks, and one unknown label or -1."""
    shape = (
        labels.shape[0] // factor,
        labels.shape[1] // factor,
        labels.shape[2] // factor,
    )
    votes = np.empty(shape, np.uint8)
    limit = UNOCCUPIED_FRACTION * factor**3
    counts = np.empty(256, np.int64)
    for i, j, k in np.ndindex(shape):
        counts[:] = 0
        for x in range(i * factor, (i + 1) * factor):
            for y in range(j * factor, (j + 1) * factor):
                for z in range(k * factor, (k + 1) * factor):
                    counts[labels[x, y, z]] += 1
        classes = counts[1:num_classes]
        num_unoccupied = counts[0] + counts[ignore_index]
        if num_unoccupied + classes.sum() != factor**3:
            known = np.arange(256) < num_classes
            known[ignore_index] = True
            return votes, np.flatnonzero((counts > 0) & ~known)[0]
        if num_unoccupied > limit:
            ignored = counts[ignore_index] > counts[0]
            votes[i, j, k] = ignore_index if ignored else 0
        else:
            votes[i, j, k] = np.argmax(classes) + 1
    return votes, -1
