"""The learning rates by which a config, or a run, trains."""

from collections.abc import Mapping

import numpy as np
import torch
from mmdet3d.registry import PARAM_SCHEDULERS
from mmengine.hooks import Hook
from mmengine.optim import build_optim_wrapper


def rates_of(
    optim_wrapper: Mapping, scheduler: Mapping, epochs: int, epoch_length: int = 1
) -> np.ndarray:
    """Return the rate of every step of a schedule, of all parameter groups.

    Args:
        optim_wrapper (dict): Of the config.
        scheduler (dict): Of the config, by epochs.
        epochs (int): Of the training.
        epoch_length (int): Iterations of an epoch, where the schedule is
            converted to them. Defaults to 1.
    """
    wrapper = build_optim_wrapper(torch.nn.Conv2d(2, 2, 1), optim_wrapper)
    cfg = dict(scheduler, optimizer=wrapper.optimizer)
    if cfg.pop('convert_to_iter_based', False):
        kind = PARAM_SCHEDULERS.get(cfg.pop('type'))
        built = kind.build_iter_from_epoch(epoch_length=epoch_length, **cfg)
    else:
        built = PARAM_SCHEDULERS.build(cfg)
    rates = []
    for _ in range(epochs * epoch_length):
        groups = wrapper.optimizer.param_groups
        rates.append(groups[0]['lr'])
        assert all(group['lr'] == rates[-1] for group in groups)
        wrapper.optimizer.step()
        built.step()
    return np.array(rates)


class _Rates(Hook):
    """Note the learning rate of every iteration."""

    def __init__(self):
        self.seen = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append(runner.optim_wrapper.get_lr()['lr'])


def train_and_note_rates(runner):
    """Train; return the rates of every iteration, a list of all groups each."""
    rates = _Rates()
    runner.register_hook(rates)
    runner.train()
    return rates.seen
