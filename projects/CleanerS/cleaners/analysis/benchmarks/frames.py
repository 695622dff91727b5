"""Random frames of the sizes of a config that look like a room's corner."""

import math

import torch
from mmengine.config import Config
from torch import Generator, Tensor

from ...datasets import nyu
from ...engine.student_config import student_cfg
from ...structures import EMPTY_CLASS, FrameSizes, SSCDataSample, VoxelData
from .settings import get_part

# of a frame of NYU: voxels whose surface a pixel sees, of 60 x 36 x 60
_SEEN = 8000 / 129600
_EMPTY_PART, _IGNORED_PART, _WEIGHTED_PART = 0.85, 0.02, 0.4


def frame_sizes(cfg: Config) -> FrameSizes:
    """Return the sizes that the network of a config is made for.

    Args:
        cfg (Config): With ``model``.

    Returns:
        FrameSizes: Of the network, the student of a distillation.
    """
    return FrameSizes.of_network(student_cfg(get_part(cfg, 'model')))


def random_inputs(sizes: FrameSizes, batch_size: int, seed: int, device: str) -> dict:
    """Make what a network reads.

    Args:
        sizes (FrameSizes): Of the frames.
        batch_size (int): B.
        seed (int): Of the numbers.
        device (str): Where they go.

    Returns:
        dict[str, Tensor]: ``imgs`` (B, 3, H, W), ``tsdf`` and ``tsdf_cad``
        (B, 1, X, Y, Z) in [-1, 1], ``mapping2d`` and ``seg2d`` (B, H, W); a
        network takes of it what it sees.
    """
    generator = torch.Generator().manual_seed(seed)
    # whichever segmentation the network sees
    num_labels = min(sizes.num_classes, nyu.NUM_SEG2D_LABELS)

    def volumes() -> Tensor:
        return torch.rand(batch_size, 1, *sizes.grid_size, generator=generator) * 2 - 1

    inputs = dict(
        imgs=torch.randn(batch_size, 3, *sizes.img_size, generator=generator),
        tsdf=volumes(),
        tsdf_cad=volumes(),
        mapping2d=torch.stack(
            [_random_mapping2d(sizes, generator) for _ in range(batch_size)]
        ),
        seg2d=torch.randint(
            0, num_labels, (batch_size, *sizes.img_size), generator=generator
        ),
    )
    return {key: value.to(device) for key, value in inputs.items()}


def random_samples(sizes: FrameSizes, batch_size: int, seed: int, device: str) -> list:
    """Make the ground truth of a batch, and random predictions.

    Args:
        sizes, batch_size, seed, device: As :func:`random_inputs`.

    Returns:
        list[SSCDataSample]: 85 % of the voxels are empty, some are not
        known, 40 % count.
    """
    generator = torch.Generator().manual_seed(seed)

    def voxels(low: int, high: int) -> Tensor:
        return torch.randint(low, high, sizes.grid_size, generator=generator)

    def chosen(part: float) -> Tensor:
        return torch.rand(sizes.grid_size, generator=generator) < part

    samples = []
    for _ in range(batch_size):
        label = voxels(EMPTY_CLASS + 1, sizes.num_classes)
        label[chosen(_EMPTY_PART)] = EMPTY_CLASS
        label[chosen(_IGNORED_PART)] = sizes.ignore_index
        samples.append(
            SSCDataSample(
                gt_voxel_seg=VoxelData(
                    label=label,
                    label_weight=chosen(_WEIGHTED_PART),
                    occluded=~chosen(_SEEN),
                ),
                pred_voxel_seg=VoxelData(
                    label=voxels(0, sizes.num_classes).to(torch.uint8)
                ),
            ).to(device)
        )
    return samples


def _random_mapping2d(sizes: FrameSizes, generator: Generator) -> Tensor:
    """Pixels, one for each voxel of a floor and two walls."""
    steps = torch.meshgrid(*map(torch.arange, sizes.grid_size), indexing='ij')
    # from the nearest of the three planes; within a layer by chance
    distance = torch.stack(steps).amin(0) + torch.rand(
        sizes.grid_size, generator=generator
    )
    num_pixels = math.prod(sizes.img_size)
    count = min(round(_SEEN * distance.numel()), num_pixels)
    mapping2d = torch.full((num_pixels,), -1)
    pixels = torch.randperm(num_pixels, generator=generator)[:count]
    mapping2d[pixels] = distance.flatten().argsort()[:count]
    return mapping2d.view(sizes.img_size)
