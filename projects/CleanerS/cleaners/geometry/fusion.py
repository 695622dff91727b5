"""Scenes of several views in one grid of the world, by log-odds."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit, softmax

from .voxel_grid import VoxelGrid

# evidence of one view is bounded, so that no view outvotes several others
MAX_LOG_ODDS = 3.5


class SceneBelief(NamedTuple):
    """What one view says of the voxels of its box.

    Attributes:
        log_odds (np.ndarray): (X, Y, Z) float, log(p / (1 - p)) of being
            occupied; 0 where the view knows nothing.
        log_prob (np.ndarray): (C, X, Y, Z) float, log-probabilities of the
            classes, the empty one first; it is not read.
        grid (VoxelGrid): The box.
        grid2world (np.ndarray): (4, 4), from positions in the box, metres in
            the order sideways, height, depth from its corner, to the world
            that all views share; a rigid motion.
    """

    log_odds: np.ndarray
    log_prob: np.ndarray
    grid: VoxelGrid
    grid2world: np.ndarray


class FusedScene(NamedTuple):
    """Voxels of the world.

    Attributes:
        label (np.ndarray): (X, Y, Z) uint8, the class where more speaks for
            occupied than for empty, else 0.
        confidence (np.ndarray): (X, Y, Z) float32, in 0..1, of the label: of
            being empty, or of being occupied and of this class; 0 without
            evidence.
        log_odds (np.ndarray): (X, Y, Z) float32, summed over the views.
        views (np.ndarray): (X, Y, Z) int32, views with evidence.
        voxel_origin (np.ndarray): (3,), world X, Y, Z of the corner of voxel
            (0, 0, 0), metres.
        grid (VoxelGrid): Shape and resolution.
    """

    label: np.ndarray
    confidence: np.ndarray
    log_odds: np.ndarray
    views: np.ndarray
    voxel_origin: np.ndarray
    grid: VoxelGrid


def fuse_scenes(beliefs: Sequence[SceneBelief]) -> FusedScene:
    """Add up what all views say.

    Every voxel of the world asks each view for the voxel of its box that the
    middle lies in, so that there are no holes.

    Args:
        beliefs (Sequence[SceneBelief]): Views of one voxel size.

    Returns:
        FusedScene: The smallest grid along the world's axes, on whole
        multiples of the voxel size, that holds all boxes.

    Raises:
        ValueError: If there is no view, or their voxels differ.
    """
    sizes = {belief.grid.voxel_size for belief in beliefs}
    if len(sizes) != 1:
        raise ValueError(
            f'views should be one or more with one voxel size, but got {sorted(sizes)}'
        )
    size = sizes.pop()
    low, shape = _bounding_grid(beliefs, size)
    log_odds = np.zeros(shape, np.float32)
    votes = np.zeros((len(beliefs[0].log_prob) - 1, *shape), np.float32)
    views = np.zeros(shape, np.int32)
    for belief in beliefs:
        for here, there in _lookups(belief, low, shape):
            evidence = np.clip(belief.log_odds[there], -MAX_LOG_ODDS, MAX_LOG_ODDS)
            log_odds[here] += evidence
            views[here] += evidence != 0
            # a view that sees it occupied knows best what it is
            share = expit(evidence) * (evidence != 0)
            ours, theirs = (slice(None), *here), (slice(1, None), *there)
            votes[ours] += share * belief.log_prob[theirs]
    label = np.where(log_odds > 0, votes.argmax(0) + 1, 0).astype(np.uint8)
    confidence = np.where(views > 0, _confidence(log_odds, votes), 0)
    origin = (low * size)[[0, 2, 1]]
    return FusedScene(
        label, confidence, log_odds, views, origin, VoxelGrid(shape, size)
    )


def _confidence(log_odds: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """How sure all views are of the likelier of empty and the best class."""
    best_class = softmax(votes, axis=0).max(0)
    return expit(np.abs(log_odds)) * np.where(log_odds > 0, best_class, 1)


def _bounding_grid(
    beliefs: Sequence[SceneBelief], size: float
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """First voxel, in whole multiples of the size, and shape of the grid.

    Both in the order sideways (world X), height (Z), depth (Y).
    """
    corners = np.concatenate([_box_corners(belief) for belief in beliefs])
    # what is a rounding error beyond a multiple is on it
    low = np.floor(corners.min(0) / size + 1e-6).astype(int)
    high = np.ceil(corners.max(0) / size - 1e-6).astype(int)
    return low, tuple((high - low).tolist())


def _box_corners(belief: SceneBelief) -> np.ndarray:
    """The eight corners in the world, (8, 3): sideways, height, depth."""
    unit = np.stack(np.meshgrid(*[(0, 1)] * 3, indexing='ij'), -1)
    extent = np.multiply(belief.grid.shape, belief.grid.voxel_size)
    points = unit.reshape(-1, 3) * extent
    world = points @ belief.grid2world[:3, :3].T + belief.grid2world[:3, 3]
    return world[:, [0, 2, 1]]


def _lookups(
    belief: SceneBelief, low: np.ndarray, shape: tuple[int, int, int]
) -> Iterator[tuple]:
    """Pair voxels of the world with those of a box, one slab at a time.

    Yields:
        tuple[tuple, tuple]: Indices (i, j, k) into the world's arrays, and
        into the box's.
    """
    size = belief.grid.voxel_size
    corners = _box_corners(belief) / size - low
    first = np.maximum(np.floor(corners.min(0)).astype(int), 0)
    last = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, shape)
    world2grid = np.linalg.inv(belief.grid2world)
    rows = np.arange(first[1], last[1])
    columns = np.arange(first[2], last[2])
    for i in range(first[0], last[0]):
        j, k = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing='ij'))
        middles = (np.stack([np.full_like(j, i), j, k], 1) + low + 0.5) * size
        points = middles[:, [0, 2, 1]] @ world2grid[:3, :3].T
        voxels = np.floor((points + world2grid[:3, 3]) / size + 1e-6).astype(int)
        inside = ((voxels >= 0) & (voxels < belief.grid.shape)).all(1)
        yield (
            (np.full(inside.sum(), i), j[inside], k[inside]),
            tuple(voxels[inside].T),
        )
