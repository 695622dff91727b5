import torch.nn as nn
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner


@HOOKS.register_module()
class EffectiveBatchHook(Hook):
    """Accumulate gradients within an epoch, never from one into the next.

    mmengine counts the iterations of the whole run. Where those of an epoch
    are no multiple of ``accumulative_counts``, gradients of the last ones
    wait for the next epoch, and a run that is resumed in between loses them.
    Here every epoch counts anew: its last iterations, if too few, are an
    update of their own, by their mean.

    The log says how many frames make an update.
    """

    def before_train(self, runner: Runner) -> None:
        """Log the effective batch size, and whether it is what was asked."""
        batch_size = runner.train_dataloader.batch_sampler.batch_size
        counts = runner.optim_wrapper._accumulative_counts
        effective = batch_size * runner.world_size * counts
        runner.logger.info(
            f'effective batch size {effective}: {batch_size} frames x '
            f'{runner.world_size} processes x {counts} accumulated')
        auto = runner.cfg.get('auto_accumulate')
        if auto and effective > auto.base_batch_size:
            runner.logger.warning(
                f'effective batch size {effective} is more than '
                f'auto_accumulate.base_batch_size={auto.base_batch_size}, '
                'for which the learning rate was chosen; it is not scaled')

    def before_train_epoch(self, runner: Runner) -> None:
        """Start counting anew."""
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            # the model would be looked at for a warning that was given before
            runner.optim_wrapper.initialize_count_status(
                nn.Identity(), 0, len(runner.train_dataloader))
