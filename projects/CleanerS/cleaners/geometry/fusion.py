"""Scenes of several views in one grid of the world, by log-odds."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

import numpy as np
from scipy.special import expit

from .voxel_grid import VoxelGrid

# evidence of one view is bounded, so that no view outvotes several others
MAX_LOG_ODDS = 3.5
# of a map, whose votes take three gigabytes then, twice that while it grows;
# 32,000 cubic metres of 8 cm
MAX_VOXELS = 2**26


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
        measured (np.ndarray, optional): (X, Y, Z) bool, where the sensor
            measured a surface. Defaults to None: nowhere.
    """

    log_odds: np.ndarray
    log_prob: np.ndarray
    grid: VoxelGrid
    grid2world: np.ndarray
    measured: Optional[np.ndarray] = None


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
        measured (np.ndarray): (X, Y, Z) bool, where a sensor measured a surface.
        voxel_origin (np.ndarray): (3,), world X, Y, Z of the corner of voxel
            (0, 0, 0), metres.
        grid (VoxelGrid): Shape and resolution.
    """

    label: np.ndarray
    confidence: np.ndarray
    log_odds: np.ndarray
    views: np.ndarray
    measured: np.ndarray
    voxel_origin: np.ndarray
    grid: VoxelGrid


class SceneFusion:
    """A map to which views are added, one after the other.

    It is the smallest grid along the world's axes, on whole multiples of the
    voxel size, that holds the boxes of all views so far. Every voxel of it asks
    a view for the voxel of its box that the middle lies in, so that there are
    no holes.
    """

    def __init__(self) -> None:
        self._size = 0.0
        self._low = np.zeros(3, int)
        self._shape = (0, 0, 0)
        # of the map: log-odds, views, whether measured; votes for each class
        self._log_odds = np.zeros((0, 0, 0), np.float32)
        self._views = np.zeros((0, 0, 0), np.int32)
        self._measured = np.zeros((0, 0, 0), bool)
        self._votes = np.zeros((0, 0, 0, 0), np.float32)

    def add(self, belief: SceneBelief) -> None:
        """Add what a view says.

        Raises:
            ValueError: If its voxels have another size than those of the views
                before it, or the map would become too large.
        """
        self._make_room(belief)
        for here, there in _lookups(belief, self._low, self._shape):
            evidence = np.clip(belief.log_odds[there], -MAX_LOG_ODDS, MAX_LOG_ODDS)
            self._log_odds[here] += evidence
            self._views[here] += evidence != 0
            if belief.measured is not None:
                self._measured[here] |= belief.measured[there]
            # a view that sees it occupied knows best what it is
            share = expit(evidence) * (evidence != 0)
            ours, theirs = (slice(None), *here), (slice(1, None), *there)
            self._votes[ours] += share * belief.log_prob[theirs]

    def scene(self) -> FusedScene:
        """Return what all views say.

        Raises:
            ValueError: If there is no view.
        """
        if not self._size:
            raise ValueError('a map needs one view or more')
        occupied = self._log_odds > 0
        known = self._views > 0
        confidence = np.where(known, _confidence(self._log_odds, self._votes), 0)
        return FusedScene(
            np.where(occupied, self._votes.argmax(0) + 1, 0).astype(np.uint8),
            confidence,
            self._log_odds.copy(),
            self._views.copy(),
            self._measured.copy(),
            (self._low * self._size)[[0, 2, 1]],
            VoxelGrid(self._shape, self._size),
        )

    def _make_room(self, belief: SceneBelief) -> None:
        """Let the map hold the box of a view."""
        size = belief.grid.voxel_size
        low, high = _box_range(belief)
        if self._size:
            if size != self._size:
                raise ValueError(
                    'views should have one voxel size, but got '
                    f'{sorted({size, self._size})}'
                )
            low = np.minimum(low, self._low)
            high = np.maximum(high, self._low + self._shape)
        else:
            self._low = low
            self._votes = np.zeros((len(belief.log_prob) - 1, 0, 0, 0), np.float32)
        _refuse_large(high - low, size)
        before = self._low - low
        after = high - self._low - self._shape
        if not (before.any() or after.any()):
            return  # nothing is copied where a view lies within the map
        margins = list(zip(before.tolist(), after.tolist()))
        self._log_odds, self._views, self._measured = (
            np.pad(volume, margins)
            for volume in (self._log_odds, self._views, self._measured)
        )
        self._votes = np.pad(self._votes, [(0, 0), *margins])
        self._low, self._size = low, size
        self._shape = tuple((high - low).tolist())


def fuse_scenes(beliefs: Iterable[SceneBelief]) -> FusedScene:
    """Add up what all views say (:class:`SceneFusion`).

    Args:
        beliefs (Iterable[SceneBelief]): One view or more, of one voxel size.

    Raises:
        ValueError: If there is no view, or :meth:`SceneFusion.add` refuses.
    """
    fusion = SceneFusion()
    for belief in beliefs:
        fusion.add(belief)
    return fusion.scene()


def _refuse_large(shape: np.ndarray, size: float) -> None:
    if shape.prod(dtype=float) > MAX_VOXELS:
        extent = ' x '.join(f'{metres:.0f}' for metres in shape * size)
        raise ValueError(
            f'the map would be {extent} m large, too large for voxels of '
            f'{size * 100:g} cm: is the pose right, and in metres, and that of the '
            'first frame?'
        )


def _confidence(log_odds: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """How sure all views are of the likelier of empty and the best class."""
    # the largest softmax, without another volume of all classes
    best = votes.max(0)
    total = np.zeros_like(best)
    for vote in votes:
        total += np.exp(vote - best)
    return expit(np.abs(log_odds)) * np.where(log_odds > 0, 1 / total, 1)


def _box_range(belief: SceneBelief) -> tuple[np.ndarray, np.ndarray]:
    """First voxel of a box in the world, and the one after its last.

    In whole multiples of the voxel size, in the order sideways (world X),
    height (Z), depth (Y).
    """
    corners = _box_corners(belief) / belief.grid.voxel_size
    # what is a rounding error beyond a multiple is on it
    low = np.floor(corners.min(0) + 1e-6).astype(int)
    return low, np.ceil(corners.max(0) - 1e-6).astype(int)


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
