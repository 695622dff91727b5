"""2D labels of all photos, by networks that have not seen them.

::

    OUT/0003.png            (H, W) uint8, the classes of the network
    OUT/predicted_by.json   by which checkpoints
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Optional, Union

import numpy as np
import torch
from mmdet3d.registry import DATASETS
from mmengine.config import Config
from mmengine.dataset import BaseDataset, pseudo_collate
from mmengine.registry import init_default_scope
from tqdm import tqdm

from ..datasets.held_out import fold_of
from ..engine.config_text import read_setting
from ..engine.data_folders import the_dataset
from ..fileio.file_digest import file_digest
from ..fileio.image_file import encode_png
from ..fileio.json_file import read_object
from ..utils.atomic_write import write_atomically, write_json
from ..utils.checkpoint import (
    find_best_checkpoint,
    load_strictly,
    naming_checkpoint,
    read_checkpoint,
)
from ..utils.device import check_device
from ..utils.errors import InputError, values_are_input
from .inference import build_network

FOLDER = 'Pred2D'
RECORD = 'predicted_by.json'


class Networks(NamedTuple):
    """Checkpoints of one 2DNet, each with what it was not trained on.

    Attributes:
        whole (str): Trained on all training frames; for the test frames.
        folds (tuple[str, ...]): Each trained without one fold of the training
            frames, the one that it is for.
    """

    whole: str
    folds: tuple[str, ...]

    def path_for(self, split: str, frame: str) -> str:
        """Return the checkpoint for a frame."""
        if split == 'test':
            return self.whole
        return self.folds[fold_of(frame, 1 / len(self.folds))]

    def describe(self) -> dict:
        """Return what tells them from others, for JSON."""
        return dict(
            test=file_digest(self.whole), folds=list(map(file_digest, self.folds))
        )


def find_networks(whole: str, folds: Sequence[str]) -> Networks:
    """Find out what each checkpoint was trained without.

    Args:
        whole (str): A checkpoint, or a work_dir, which stands for its best.
        folds (Sequence[str]): The same of the folds, in any order.

    Raises:
        InputError: If one cannot be read, does not say what it was trained
            on, or was trained on what it is for.
    """
    if len(folds) < 2:
        raise InputError(
            '--folds needs two networks or more: a training photo is labelled by one '
            'that was trained without it'
        )
    whole = find_best_checkpoint(whole)
    if _left_out(whole) is not None:
        raise InputError(
            f"checkpoint '{whole}' was trained on a part of the frames; it is for "
            'the test frames, and should know all training frames'
        )
    share, ordered = 1 / len(folds), {}
    for path in map(find_best_checkpoint, folds):
        part = _left_out(path) or {}
        fold = part.get('fold', 0)
        is_fold = part.get('part') == 'rest' and math.isclose(part['share'], share)
        if not is_fold or fold in ordered:
            raise InputError(
                f"checkpoint '{path}' was trained with "
                f'train_dataloader.dataset.filter_cfg={part or None}; of '
                f"{len(folds)} folds each should have one with part='rest', "
                f'share={share!r} and a fold of its own'
            )
        ordered[fold] = path
    return Networks(whole, tuple(ordered[fold] for fold in sorted(ordered)))


def _left_out(path: str) -> Optional[dict]:
    """Return the filter_cfg of the frames that a network was trained on."""
    with naming_checkpoint(path), values_are_input():
        text = (read_checkpoint(path, mmap=True).get('meta') or {}).get('cfg')
        if not isinstance(text, str):
            raise InputError('it does not say on which frames it was trained')
        keys = ['train_dataloader', 'dataset']
        if read_setting(text, *keys, 'datasets') is not None:
            raise InputError('it was trained on several data sets')
        while read_setting(text, *keys, 'dataset') is not None:
            keys.append('dataset')
        return read_setting(text, *keys, 'filter_cfg')


def predict_seg2d(
    cfg: Config, networks: Networks, out_dir: Path, device: Union[str, torch.device]
) -> int:
    """Label the photos of both splits, but for those that are labelled.

    Args:
        cfg (Config): Of the 2DNet and its data.
        networks (Networks): Of :func:`find_networks`.
        out_dir (Path): Gets the images, named as ``seg2d_path`` asks for.
        device (str | torch.device): Where it runs.

    Returns:
        int: How many photos were labelled.

    Raises:
        InputError: If the folder holds something else, or a checkpoint does
            not fit the config.
    """
    init_default_scope('mmdet3d')
    _claim(out_dir, networks)
    jobs: dict[str, list] = {}
    for split in ('train', 'test'):
        dataset = _open_photos(cfg, split, out_dir)
        for index in range(len(dataset)):
            info = dataset.get_data_info(index)
            if not Path(info['seg2d_path']).is_file():
                path = networks.path_for(split, info['sample_idx'])
                jobs.setdefault(path, []).append((dataset, index))
    count = sum(map(len, jobs.values()))
    with tqdm(total=count) as bar:
        for path, photos in jobs.items():
            for file, labels in _label(cfg, path, photos, device):
                write_atomically(file, encode_png(labels))
                bar.update()
    return count


def _claim(out_dir: Path, networks: Networks) -> None:
    """Record whose labels a folder holds, unless it holds others."""
    path, content = out_dir / RECORD, networks.describe()
    if path.is_file():
        if read_object(path) == content:
            return
    elif not out_dir.is_dir() or not any(out_dir.iterdir()):
        write_json(path, content)
        return
    raise InputError(
        f"'{out_dir}' holds something else than labels of these checkpoints: "
        'remove it, or give another --out'
    )


def _open_photos(cfg: Config, split: str, out_dir: Path) -> BaseDataset:
    """Open the photos of a split, with the places of their labels."""
    loader = cfg.train_dataloader if split == 'train' else cfg.test_dataloader
    photos = the_dataset(loader, '2D labels are predicted of')
    prefix = dict(
        img_path=photos['data_prefix']['img_path'],
        seg2d_path=str(out_dir.absolute()),
    )
    pipeline = [dict(type='LoadImageFromFile'), dict(type='mmseg.PackSegInputs')]
    settings = dict(
        data_prefix=prefix,
        pipeline=pipeline,
        split=split,
        filter_cfg=None,
        test_mode=True,
    )
    return DATASETS.build(dict(photos, **settings))


def _label(
    cfg: Config, path: str, photos: list, device: Union[str, torch.device]
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the file of each photo's labels, and the labels (H, W)."""
    network = build_network(cfg.model)
    load_strictly(network, path)
    network.to(check_device(device)).eval()
    for dataset, index in photos:
        with torch.no_grad():
            (sample,) = network.test_step(pseudo_collate([dataset[index]]))
        labels = sample.pred_sem_seg.data[0].cpu().numpy().astype(np.uint8)
        yield dataset.get_data_info(index)['seg2d_path'], labels
