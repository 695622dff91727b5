from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from ..loop_unit import unit_of

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
        unit = unit_of(runner.train_loop)
        validated = runner.message_hub.runtime_info.get(VALIDATED)
        if validated == unit.done or not self._is_due(runner):
            return
        runner.logger.info(
            f'{unit.name} {unit.done} of the resumed run has no '
            'new best score on record: validating it'
        )
        runner.val_loop.run()

    @staticmethod
    def _is_due(runner: Runner) -> bool:
        """Whether mmengine's loop validates after what was done last."""
        loop = runner.train_loop
        unit = unit_of(loop)
        # of dynamic_intervals, which else counts from the next epoch on
        loop._decide_current_val_interval()
        return (
            runner.val_loop is not None
            and unit.done >= max(loop.val_begin, 1)
            and (unit.done % loop.val_interval == 0 or unit.done == unit.total)
        )

    def before_val_epoch(self, runner: Runner) -> None:
        """Note when, for the checkpoint that a new best will write."""
        # a validation alone must not build the training
        if isinstance(runner._train_loop, BaseLoop):
            unit = unit_of(runner.train_loop)
            runner.message_hub.update_info(VALIDATED, unit.done)
