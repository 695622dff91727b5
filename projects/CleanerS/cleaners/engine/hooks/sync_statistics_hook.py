from typing import Any

import torch.nn as nn
from mmdet3d.registry import HOOKS
from mmengine.dist import all_reduce_params
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm

from ..checkpoint_due import is_checkpoint_due


@HOOKS.register_module()
class SyncStatisticsHook(Hook):
    """Average BatchNorm's running statistics over the processes.

    After every epoch, and where a training counts iterations before it writes
    a checkpoint or is validated: for BatchNorm that works per process, where
    it cannot be synchronised (on the CPU). mmengine's :obj:`SyncBuffersHook`
    averages every buffer, constants included, which three processes round to
    another value.
    """

    def __init__(self) -> None:
        # to average twice would round twice
        self._is_averaged = True

    def after_train_iter(self, runner: Runner, *args: Any, **kwargs: Any) -> None:
        """Average where a checkpoint of this iteration comes next."""
        self._is_averaged = False
        if is_checkpoint_due(runner):
            self._average(runner.model)

    def after_train_epoch(self, runner: Runner) -> None:
        """Average before the checkpoint of the epoch."""
        self._average(runner.model)

    def before_val(self, runner: Runner) -> None:
        """Average before what was trained is scored."""
        self._average(runner.model)

    def _average(self, model: nn.Module) -> None:
        """Average mean and variance of every BatchNorm, once."""
        if self._is_averaged:
            return
        self._is_averaged = True
        statistics = [
            buffer
            for module in model.modules()
            if isinstance(module, _BatchNorm) and module.track_running_stats
            for buffer in (module.running_mean, module.running_var)
        ]
        all_reduce_params(statistics, op='mean')
