from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

# not 'val...', which the log would show among the scores
VALIDATED = 'epoch_validated'


@HOOKS.register_module()
class MissedValidationHook(Hook):
    """Validate on resume what the interrupted run did not get to.

    The checkpoint of an epoch is written before the epoch is validated. A run
    that is killed in between goes on with the next epoch in mmengine, and the
    best checkpoint may be missed for good. Here a resumed run first validates
    its checkpoint, if that was due and the checkpoint does not say that it
    has been: :obj:`CheckpointHook` writes it again after a new best. A
    validation without a new best is repeated, with the same outcome.
    """

    # when CheckpointHook knows where to write the best checkpoint
    priority = 'LOWEST'

    def before_train(self, runner: Runner) -> None:
        """Validate the checkpoint of a resumed run."""
        validated = runner.message_hub.runtime_info.get(VALIDATED)
        if validated == runner.epoch or not self._is_due(runner):
            return
        runner.logger.info(
            f'epoch {runner.epoch} of the resumed run has no '
            'new best score on record: validating it'
        )
        runner.val_loop.run()

    @staticmethod
    def _is_due(runner: Runner) -> bool:
        """Whether mmengine's loop validates after the last epoch done."""
        loop = runner.train_loop
        return (
            runner.val_loop is not None
            and loop.epoch >= max(loop.val_begin, 1)
            and (loop.epoch % loop.val_interval == 0 or loop.epoch == loop.max_epochs)
        )

    def before_val_epoch(self, runner: Runner) -> None:
        """Note the epoch, for the checkpoint that a new best will write."""
        runner.message_hub.update_info(VALIDATED, runner.epoch)
