"""Counts that tell where the errors are: by distance and by occlusion.

One confusion matrix a bin; every figure follows from them
(``ssc_error_report``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from ...geometry.voxel_grid import GridView
from .ssc_eval import ssc_confusion

# number of each bin that occurs, and its confusion matrix (C, C)
Tables = dict[int, np.ndarray]
# 'occlusion', 'distance' and 'depth' of one frame; None is "not known"
FrameTables = dict[str, Optional[Tables]]

SURFACE, OCCLUDED = 0, 1


@dataclass(frozen=True)
class BinWidths:
    """Widths of the bins; bin i holds ``i * width <= x < (i + 1) * width``.

    Args:
        distance (float): From the camera, metres. Defaults to 0.5.
        depth (float): To the nearest voxel that a pixel sees, voxels.
            Defaults to 2.

    Raises:
        ValueError: If a width is not positive and finite.
    """

    distance: float = 0.5
    depth: float = 2.0

    def __post_init__(self) -> None:
        for name, width in vars(self).items():
            if not 0 < width < np.inf:
                raise ValueError(
                    f'the width of the {name} bins should be '
                    f'positive and finite, but got {width}'
                )


@dataclass(frozen=True)
class ErrorCounts:
    """Counts of all frames.

    Args:
        occlusion (Tables): Keys ``SURFACE`` and ``OCCLUDED``.
        distance (Tables): By distance from the camera.
        depth (Tables): Occluded voxels, by distance to the nearest voxel
            that a pixel sees.
        frames (dict[str, int]): ``scored``, ``without_ground_truth``,
            ``without_pose`` (not in ``distance``) and ``without_surface``
            (not in ``depth``).
    """

    occlusion: Tables
    distance: Tables
    depth: Tables
    frames: dict[str, int]


def camera_distances(view: GridView) -> np.ndarray:
    """Measure how far the voxels' centres are from the camera.

    Convention: as :obj:`~cleaners.geometry.voxel_grid.VoxelGrid`; the
    centre of voxel (i, j, k) lies half a voxel above its node along every
    axis.

    Args:
        view (GridView): The camera, and the grid.

    Returns:
        np.ndarray: (X, Y, Z) float64, metres.
    """
    start = view.cam2world[:3, 3] - view.voxel_origin
    centres = (np.indices(view.grid.shape) + 0.5) * view.grid.voxel_size
    return np.linalg.norm(centres - start[[0, 2, 1], None, None, None], axis=0)


def hidden_depths(occluded: np.ndarray) -> Optional[np.ndarray]:
    """Measure how deep voxels are hidden.

    Args:
        occluded (np.ndarray): (X, Y, Z) bool, no pixel sees the voxel.

    Returns:
        np.ndarray | None: (X, Y, Z) float64, voxels between the centres of
        each voxel and the nearest that a pixel sees, 0 for the seen ones;
        None where no pixel sees any.
    """
    if occluded.all():
        return None
    return distance_transform_edt(occluded)


def binned_confusion(
    pred: Tensor,
    label: Tensor,
    counted: Tensor,
    values: np.ndarray,
    width: float,
    num_classes: int,
) -> Tables:
    """Count the pairs of true and predicted class, bin by bin.

    Args:
        pred (Tensor): (X, Y, Z) predicted classes.
        label (Tensor): (X, Y, Z) true classes.
        counted (Tensor): (X, Y, Z) bool, the voxels that count.
        values (np.ndarray): (X, Y, Z), what is cut into bins.
        width (float): Of a bin.
        num_classes (int): C, with the empty class.

    Returns:
        Tables: Of the bins with a voxel that counts.
    """
    bins = torch.from_numpy(np.floor(values / width))
    pred, label, bins = (voxels[counted] for voxels in (pred, label, bins))
    return {
        int(index): ssc_confusion(pred, label, bins == index, num_classes)
        for index in bins.unique().tolist()
    }


def frame_tables(
    pred: Tensor,
    label: Tensor,
    counted: Tensor,
    occluded: Tensor,
    view: Optional[GridView],
    widths: BinWidths,
    num_classes: int,
) -> FrameTables:
    """Count one frame.

    Args:
        pred (Tensor): (X, Y, Z) predicted classes, on the CPU as all here.
        label (Tensor): (X, Y, Z) true classes.
        counted (Tensor): (X, Y, Z) bool, the voxels that count.
        occluded (Tensor): (X, Y, Z) bool, no pixel sees the voxel.
        view (GridView, optional): None where the pose is not known.
        widths (BinWidths): Of the bins.
        num_classes (int): C, with the empty class.

    Returns:
        FrameTables: ``distance`` is None without a view, ``depth`` where no
        pixel sees any voxel.
    """

    def count(chosen: Tensor, values: np.ndarray, width: float) -> Tables:
        return binned_confusion(pred, label, chosen, values, width, num_classes)

    tables = dict(
        occlusion=count(counted, occluded.numpy(), 1), distance=None, depth=None
    )
    if view is not None:
        tables['distance'] = count(counted, camera_distances(view), widths.distance)
    depths = hidden_depths(occluded.numpy())
    if depths is not None:
        tables['depth'] = count(counted & occluded, depths, widths.depth)
    return tables


def sum_tables(tables: Iterable[Tables]) -> Tables:
    """Add up the confusion matrices of several frames, bin by bin."""
    total: Tables = {}
    for table in tables:
        for index, confusion in table.items():
            total[index] = total.get(index, 0) + confusion
    return dict(sorted(total.items()))


def sum_frames(frames: list[Optional[FrameTables]]) -> ErrorCounts:
    """Add up the counts of all frames.

    Args:
        frames (list[FrameTables | None]): None is a frame without ground
            truth.

    Returns:
        ErrorCounts: Of all frames.
    """
    scored = [frame for frame in frames if frame is not None]
    known = {
        key: [table for table in (frame[key] for frame in scored) if table is not None]
        for key in ('occlusion', 'distance', 'depth')
    }
    return ErrorCounts(
        **{key: sum_tables(tables) for key, tables in known.items()},
        frames=dict(
            scored=len(scored),
            without_ground_truth=len(frames) - len(scored),
            without_pose=len(scored) - len(known['distance']),
            without_surface=len(scored) - len(known['depth']),
        ),
    )
