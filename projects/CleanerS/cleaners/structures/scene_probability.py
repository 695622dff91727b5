"""Probabilities of a completed scene, from class logits and void."""

from typing import NamedTuple

import torch
from torch import Tensor

from .voxel_data import VoxelData, scene_of


class SceneProbability(NamedTuple):
    """How sure a network is.

    Attributes:
        occupied (Tensor): (X, Y, Z), of being neither empty nor void.
        classes (Tensor): (num_classes, X, Y, Z), of each class; that of the
            empty one holds what is void, too.
        confidence (Tensor): (X, Y, Z), of what the scene says.
    """

    occupied: Tensor
    classes: Tensor
    confidence: Tensor


def scene_probability(pred: VoxelData) -> SceneProbability:
    """Join the probabilities of classes and of void.

    Args:
        pred (VoxelData): ``label``, ``logits`` (num_classes, X, Y, Z) and,
            where the network tells what is void, ``scene`` and ``void``.

    Returns:
        SceneProbability: Float32. Networks are trained with class weights and
        smoothed labels: these are scores in 0..1, not frequencies.
    """
    classes = pred.logits.float().softmax(0)
    if 'void' in pred:
        classes = classes * (1 - pred.void)
        classes[0] = 1 - classes[1:].sum(0)
    label = scene_of(pred).long()
    confidence = torch.gather(classes, 0, label[None])[0]
    # without what rounding adds
    return SceneProbability(1 - classes[0], classes, confidence.clamp(0, 1))
