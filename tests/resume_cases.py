"""A training that is interrupted ends as one that is not."""

from collections.abc import Sequence
from typing import Callable

import torch
from mmengine.config import Config


def check_resume(train: Callable[..., dict]) -> dict:
    """Train two epochs at once, and one by one.

    Args:
        train (Callable): Takes the name of a work dir, the epochs and
            ``resume``; returns the last checkpoint.

    Returns:
        dict: The checkpoint of the training that was not interrupted.
    """
    whole = train('whole', 2)
    train('parts', 1)
    parts = train('parts', 2, resume=True)
    assert parts['meta']['epoch'] == whole['meta']['epoch'] == 2
    assert parts['state_dict'].keys() == whole['state_dict'].keys()
    for key, value in whole['state_dict'].items():
        assert torch.equal(parts['state_dict'][key], value), key
    return whole


def see_no_photo(cfg: Config, keys: Sequence[str]) -> None:
    """Let a config of ``tiny_runner_cfg`` read 2D labels in place of photos.

    Args:
        cfg (Config): Is changed.
        keys (Sequence[str]): What the network sees.
    """
    for split in ('train', 'val', 'test'):
        data = cfg[f'{split}_dataloader'].dataset
        data.data_prefix.img_path = None
        data.data_prefix.seg2d_path = 'Seg2D'
        data.pipeline = [
            dict(type='LoadSeg2D'),
            dict(type='LoadTSDF'),
            dict(type='LoadVoxelMapping'),
            dict(type='LoadVoxelAnnotations'),
            dict(type='PackSSCInputs', keys=keys),
        ]
