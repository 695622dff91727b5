"""Frames of a data set as a network completes them, as one picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from mmdet3d.registry import DATASETS
from mmengine.dataset import BaseDataset, pseudo_collate

from ..apis.inference import init_ssc_model
from ..datasets.data_profile import check_profile
from ..engine.data_folders import set_data_root
from ..engine.hooks.dataset_check_hook import inner_datasets
from ..engine.hooks.size_check_hook import check_sizes
from ..fileio.image_file import encode_png
from ..models.segmentors import SSCSegmentor
from ..structures import SSCDataSample
from ..structures.voxel_data import scene_of
from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError
from ..utils.package_files import open_config
from ..visualization.scene_rows import draw_scene_rows


@torch.no_grad()
def complete_frames(
    network: SSCSegmentor, dataset: BaseDataset, indices: Sequence[int]
) -> list[SSCDataSample]:
    """Complete frames of a data set, one at a time, in their order."""
    samples: list[SSCDataSample] = []
    for index in indices:
        samples += network.test_step(pseudo_collate([dataset[index]]))
    return samples


def draw_completed_frames(
    config: str,
    weights: str,
    frames: Sequence[str],
    path: Path,
    data_root: Optional[str],
) -> None:
    """Draw what a camera sees, the scene of a network, and the truth if known.

    Args:
        config (str): Config of the network.
        weights (str): Its checkpoint, or a name.
        frames (Sequence[str]): Test frames, such as 'NYU0010'.
        path (Path): Gets the picture, a row a frame.
        data_root (str, optional): Folder of the data set. Defaults to that
            of the config.

    Raises:
        InputError: If there is no such frame, or the data are of other sizes,
            classes or rules than the network's.
    """
    cfg = open_config(config)
    if data_root is not None:
        set_data_root(cfg, data_root)
    network = init_ssc_model(cfg, weights)
    dataset: BaseDataset = DATASETS.build(cfg.test_dataloader.dataset)
    for inner in inner_datasets(dataset):
        check_sizes(network.sizes, inner)
        warning = check_profile(
            network.dataset_meta.get('profile'),
            inner.metainfo.get('profile'),
            f"the network '{weights}'",
            f"the data set '{inner.data_root}' is",
        )
        if warning:
            print(warning)
    number = {dataset.get_data_info(i)['sample_idx']: i for i in range(len(dataset))}
    missing = [name for name in frames if name not in number]
    if missing:
        raise InputError(
            f'no test frame {", ".join(missing)}; there are '
            f'{", ".join(list(number)[:3])} ...'
        )
    samples = complete_frames(network, dataset, [number[name] for name in frames])
    columns = scene_columns(samples, len(dataset.metainfo['classes']))
    picture = draw_scene_rows(columns, dataset.metainfo)
    write_atomically(path, encode_png(picture))
    print(path)


def scene_columns(
    samples: Sequence[SSCDataSample], surface: int
) -> dict[str, list[np.ndarray]]:
    """Collect what is drawn of frames, in columns.

    Args:
        samples (Sequence[SSCDataSample]): Completed frames.
        surface (int): Label of what the camera sees, of no class.

    Returns:
        dict[str, list[np.ndarray]]: By title, (X, Y, Z) labels of each frame; the
        truth only where all have one.
    """
    columns = {
        'visible surface': [
            np.where(sample.gt_voxel_seg.occluded.numpy(), 0, surface)
            for sample in samples
        ],
        'completed': [scene_of(sample.pred_voxel_seg).numpy() for sample in samples],
    }
    if all('label' in sample.gt_voxel_seg for sample in samples):
        columns['ground truth'] = [s.gt_voxel_seg.label.numpy() for s in samples]
    return columns
