"""What a teacher knows that the baseline does not, and who learns it.

A student can only gain where its teacher is right and the baseline is wrong.
Trained once more, the baseline itself is right in some of these voxels and
wrong in others; what the student does beyond that is what it has learned.
"""

from collections.abc import Mapping
from typing import NamedTuple, Optional

import numpy as np
from torch import Tensor

from ..evaluation.functional.protocols import SKETCH
from ..structures import VoxelData
from .gain_plan import NAMES, ROLES, Plan, TrainedModel
from .gain_predictions import predict_frames

NUM_FRAMES = 66


class Learned(NamedTuple):
    """What a network has right, in percent; None of no voxels.

    Attributes:
        of_headroom (float | None): Of the voxels in which the teacher is
            right and the baseline is wrong.
        of_known (float | None): Of those in which the baseline is right.
    """

    of_headroom: Optional[float]
    of_known: Optional[float]


class Headroom(NamedTuple):
    """Where a league can gain.

    Attributes:
        share (float): Voxels in which the teacher is right and the baseline
            is wrong, in percent of all that count.
        learned (dict[str, Learned]): By name, networks that are compared.
        frames (int): Of how many frames the voxels are.
    """

    share: float
    learned: dict[str, Learned]
    frames: int


def measure_headroom(
    is_right: Mapping[str, np.ndarray], others: Mapping[str, str], frames: int
) -> Headroom:
    """Compare what networks have right.

    Args:
        is_right (Mapping[str, np.ndarray]): (N,) bool of each network, over
            the voxels that count; 'teacher' and 'baseline' among them.
        others (Mapping[str, str]): Networks that are compared, by the name
            that they get.
        frames (int): Of how many frames the voxels are.
    """
    known = is_right['baseline']
    headroom = is_right['teacher'] & ~known
    return Headroom(
        100 * headroom.mean(),
        {
            name: Learned(
                _percent(is_right[key][headroom]), _percent(is_right[key][known])
            )
            for name, key in others.items()
        },
        frames,
    )


def find_headroom(plan: Plan, league: str) -> Optional[Headroom]:
    """Measure it on some test frames, under the protocol ``3dsketch``.

    Args:
        plan (Plan): The experiment.
        league (str): Of its networks.

    Returns:
        Headroom | None: Of the students and, with a second seed, the baseline
        once more; None while teacher, baseline and student are not trained.
    """
    first, *more = plan.settings.seeds
    models = {role: TrainedModel(league, role, first) for role in ROLES}
    if not all(plan.checkpoint(model).exists() for model in models.values()):
        return None
    others = {NAMES['student']: 'student'}
    for model in plan.first_seed:
        is_other = model.league == league and model.role not in ROLES
        if is_other and plan.checkpoint(model).exists():
            models[model.role] = model
            others[NAMES[model.role]] = model.role
    again = [TrainedModel(league, 'baseline', seed) for seed in more[:1]]
    if again and plan.checkpoint(again[0]).exists():
        models['again'] = again[0]
        others['baseline, another seed'] = 'again'
    predicted = {
        key: predict_frames(plan, model, NUM_FRAMES) for key, model in models.items()
    }
    # a clean twin weighs voxels in its own way: all count by what the sensor saw
    samples, metainfo = predicted['baseline']
    counted = [
        _counted_labels(sample.gt_voxel_seg, metainfo['ignore_index'])
        for sample in samples
    ]
    is_right = {
        key: np.concatenate(
            [
                _right_voxels(sample.pred_voxel_seg, *frame)
                for sample, frame in zip(found, counted)
            ]
        )
        for key, (found, _) in predicted.items()
    }
    return measure_headroom(is_right, others, len(samples))


def _counted_labels(truth: VoxelData, ignore_index: int) -> tuple[Tensor, Tensor]:
    """Which voxels of a frame count, (X, Y, Z), and their classes, (N,)."""
    fields = truth.to_dict()
    counted = SKETCH.count(fields, ignore_index).semantic
    return counted, fields['label'][counted]


def _right_voxels(pred: VoxelData, counted: Tensor, label: Tensor) -> np.ndarray:
    """Say of each voxel that counts whether its class is right, (N,)."""
    return (SKETCH.scored(pred.to_dict())[counted] == label).numpy()


def _percent(right: np.ndarray) -> Optional[float]:
    return 100 * float(right.mean()) if len(right) else None
