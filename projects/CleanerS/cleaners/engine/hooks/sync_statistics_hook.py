from typing import Any

from mmdet3d.registry import HOOKS
from mmengine.dist import all_reduce_params
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm

from ...utils.model_wrapper import unwrap
from ..checkpoint_due import is_checkpoint_due


@HOOKS.register_module()
class SyncStatisticsHook(Hook):
    """Average BatchNorm's running statistics over the processes.

    After every epoch, and where a training counts iterations before it writes
    a checkpoint or is validated: for BatchNorm that works per process, where
    it cannot be synchronised (on the CPU). mmengine's :obj:`SyncBuffersHook`
    averages every buffer, constants included, which three processes round to
    another value; so would they the statistics of frozen norms, which are left
    as they are. What an :obj:`EMAHook` keeps of the others is averaged with them.
    """

    def __init__(self) -> None:
        # to average twice would round twice
        self._is_averaged = True

    def after_train_iter(self, runner: Runner, *args: Any, **kwargs: Any) -> None:
        """Average where a checkpoint of this iteration comes next."""
        self._is_averaged = False
        if is_checkpoint_due(runner):
            self._average(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        """Average before the checkpoint of the epoch."""
        self._average(runner)

    def before_val(self, runner: Runner) -> None:
        """Average before what was trained is scored."""
        self._average(runner)

    def _average(self, runner: Runner) -> None:
        """Average mean and variance of every BatchNorm that is trained, once."""
        if self._is_averaged:
            return
        self._is_averaged = True
        model = unwrap(runner.model)
        # a copy's norms do not say which of them are frozen
        names = [
            f'{name}.{statistic}' if name else statistic
            for name, module in model.named_modules()
            if isinstance(module, _BatchNorm) and module.track_running_stats
            if module.training
            for statistic in ('running_mean', 'running_var')
        ]
        copies = (
            hook.ema_model.module for hook in runner.hooks if isinstance(hook, EMAHook)
        )
        for network in (model, *copies):
            all_reduce_params([network.get_buffer(name) for name in names], op='mean')
