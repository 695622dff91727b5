from mmdet3d.registry import HOOKS
from mmengine.dist import all_reduce_params
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm


@HOOKS.register_module()
class SyncStatisticsHook(Hook):
    """Average BatchNorm's running statistics over the processes.

    Once an epoch, before the checkpoint is written: for BatchNorm that works
    per process, where it cannot be synchronised (on the CPU). mmengine's
    :obj:`SyncBuffersHook` averages every buffer, constants included, which
    three processes round to another value.
    """

    def after_train_epoch(self, runner: Runner) -> None:
        """Average mean and variance of every BatchNorm."""
        statistics = [
            buffer
            for module in runner.model.modules()
            if isinstance(module, _BatchNorm) and module.track_running_stats
            for buffer in (module.running_mean, module.running_var)
        ]
        all_reduce_params(statistics, op='mean')
