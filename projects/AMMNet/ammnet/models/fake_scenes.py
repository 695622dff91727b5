"""Ground truth that is made wrong, for the discriminator to recognise.

All choices are drawn from torch's generator of the CPU, whatever the device,
so that a run can be repeated.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from cleaners.models.segmentors.voxel_targets import VoxelTargets
from cleaners.structures import EMPTY_CLASS
from cleaners.utils.errors import InputError


class FakeScenes(NamedTuple):
    """Ground truth of a batch, (B, X, Y, Z) each: as it is, and made wrong.

    Attributes:
        real (Tensor): Labels, empty where a voxel does not count.
        shuffled (Tensor): The same with other classes here and there.
        erased (Tensor): bool, voxels that are to be of no class.
    """

    real: Tensor
    shuffled: Tensor
    erased: Tensor


# bounds of the share of voxels that is changed
_SHARES = (0.1, 0.9)


def draw_fakes(
    targets: VoxelTargets, num_classes: int, ignore_index: int
) -> FakeScenes:
    """Make the ground truth of a batch wrong, frame by frame.

    Args:
        targets (VoxelTargets): Ground truth.
        num_classes (int): With the empty class.
        ignore_index (int): Label that is not known.
    """
    label, label_weight = targets
    unknown = ~label_weight | (label == ignore_index)
    real = label.masked_fill(unknown, EMPTY_CLASS)
    shuffled = [shuffle_classes(frame, num_classes) for frame in real.cpu()]
    erased = [erase_voxels(frame, ignore_index) for frame in label.cpu()]
    return FakeScenes(
        real, torch.stack(shuffled).to(real.device), torch.stack(erased).to(real.device)
    )


def shuffle_classes(label: Tensor, num_classes: int) -> Tensor:
    """Relabel a part of the voxels of some classes.

    Of the K classes present, the empty one left out, 1 to K are chosen; each
    has a share of 10 to 90 % of its voxels, drawn with replacement, and one
    other class that these get.

    Args:
        label (Tensor): Integers in 0..num_classes-1, any shape, on the CPU.
        num_classes (int): With the empty class, 3 or more.

    Returns:
        Tensor: A copy; where no object is present nothing is changed.
    """
    counts = label.flatten().bincount(minlength=num_classes)
    counts[EMPTY_CLASS] = 0
    present = counts.nonzero()[:, 0]
    shuffled = label.flatten().clone()
    if len(present):
        chosen = _draw_below(len(present)) + 1
        present = present[torch.randperm(len(present))[:chosen]]
    for source in present.tolist():
        voxels = (label.flatten() == source).nonzero()[:, 0]
        draws = torch.randint(len(voxels), (int(len(voxels) * _draw_share()),))
        shuffled[voxels[draws]] = _draw_other(source, num_classes)
    return shuffled.view(label.shape)


def erase_voxels(label: Tensor, ignore_index: int) -> Tensor:
    """Choose voxels of objects that are to be of no class.

    Args:
        label (Tensor): Integers, any shape, on the CPU.
        ignore_index (int): Label that is not known.

    Returns:
        Tensor: bool, the same shape; true for 10 to 90 % of the voxels that
        are neither empty nor unknown.
    """
    flat = label.flatten()
    solid = ((flat != EMPTY_CLASS) & (flat != ignore_index)).nonzero()[:, 0]
    erased = torch.zeros(len(flat), dtype=torch.bool)
    count = int(len(solid) * _draw_share())
    erased[solid[torch.randperm(len(solid))[:count]]] = True
    return erased.view(label.shape)


def check_classes(num_classes: int) -> None:
    """Refuse data whose classes cannot be exchanged.

    Raises:
        InputError: If there are fewer than two classes of objects.
    """
    if num_classes < 3:
        raise InputError(
            'an AdversarialTrainer exchanges classes of objects, of which there '
            f'should be two or more, but num_classes is {num_classes}'
        )


def _draw_below(stop: int) -> int:
    return int(torch.randint(stop, ()))


def _draw_share() -> float:
    low, high = _SHARES
    return low + (high - low) * torch.rand(()).item()


def _draw_other(source: int, num_classes: int) -> int:
    """Draw a class of objects; in place of ``source`` the one before it."""
    target = 1 + _draw_below(num_classes - 1)
    if target != source:
        return target
    return source - 1 if source > 1 else 2 + _draw_below(num_classes - 2)
