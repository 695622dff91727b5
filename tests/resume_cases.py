"""A training that is interrupted ends as one that is not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Callable

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from cleaners.testing import tiny_runner_cfg
from cleaners.utils.checkpoint import find_latest_checkpoint, read_checkpoint

# of a checkpoint: networks, optimizers, schedules, averages of weights
_KEPT = {
    'state_dict',
    'discriminator',
    'ema_state_dict',
    'optimizer',
    'param_schedulers',
}


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
    assert_same_state(parts, whole)
    return whole


def check_tiny_resume(
    root: Path, model: dict, change: Callable[[Config], object] = lambda cfg: None
) -> dict:
    """Train a small network on the small data set of a folder, as above.

    Args:
        root (Path): Holds the data set, ``Tiny``; gets the work dirs.
        model (dict): The network.
        change (Callable): Changes the config in place. Defaults to nothing.

    Returns:
        dict: As :func:`check_resume`.
    """

    def train(work_dir: str, epochs: int, resume: bool = False) -> dict:
        cfg = Config(
            tiny_runner_cfg(
                root / 'Tiny',
                root / work_dir,
                model,
                train_cfg=dict(by_epoch=True, max_epochs=epochs),
                param_scheduler=dict(type='ConstantLR', factor=1.0),
                experiment_name=f'{root.name}_{work_dir}_{epochs}',
                resume=resume,
            )
        )
        change(cfg)
        Runner.from_cfg(cfg).train()
        return read_checkpoint(find_latest_checkpoint(str(root / work_dir)))

    return check_resume(train)


def assert_same_state(first: dict, second: dict) -> None:
    """Compare two checkpoints in all that a training goes on from."""
    assert _KEPT & first.keys() == _KEPT & second.keys()
    for key in _KEPT & first.keys():
        assert_equal(first[key], second[key], key)


def assert_equal(first: object, second: object, at: str = '') -> None:
    """Compare nested checkpoints, every number exactly.

    Args:
        first, second (object): Parts of two checkpoints.
        at (str): Where they are, for the message.
    """
    if isinstance(first, dict):
        assert isinstance(second, dict) and first.keys() == second.keys(), at
        for key in first:
            assert_equal(first[key], second[key], f'{at}.{key}')
    elif isinstance(first, (list, tuple)):
        assert isinstance(second, type(first)) and len(first) == len(second), at
        for i, pair in enumerate(zip(first, second)):
            assert_equal(*pair, f'{at}.{i}')
    elif isinstance(first, torch.Tensor):
        assert torch.equal(first, second), at
    else:
        assert first == second, at


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
