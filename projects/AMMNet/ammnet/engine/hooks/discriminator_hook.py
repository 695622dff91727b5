from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapperDict
from mmengine.runner import BaseLoop, Runner

from cleaners.utils.errors import InputError
from cleaners.utils.model_wrapper import unwrap

from ...models import AdversarialTrainer

# of a checkpoint, beside 'state_dict'
ENTRY = 'discriminator'


@HOOKS.register_module()
class DiscriminatorHook(Hook):
    """Keep the discriminator in the checkpoints of the network.

    It is restored when a training goes on. One that starts from a checkpoint
    takes its discriminator where there is one that fits, and else trains its
    own from the start; a test needs none.
    """

    priority = 'HIGH'

    @staticmethod
    def _trainer(runner: Runner) -> AdversarialTrainer:
        trainer = unwrap(runner.model)
        if not isinstance(trainer, AdversarialTrainer):
            raise InputError(
                'DiscriminatorHook is for an AdversarialTrainer, '
                f'but model is a {type(trainer).__name__}'
            )
        return trainer

    def before_run(self, runner: Runner) -> None:
        """Look at the optimizers of a training.

        Raises:
            InputError: If generator and discriminator share one.
        """
        self._trainer(runner)
        if isinstance(runner._train_loop, BaseLoop) and not isinstance(
            runner.optim_wrapper, OptimWrapperDict
        ):
            raise InputError(
                'generator and discriminator are trained in turns: set '
                "optim_wrapper.constructor='SplitOptimWrapperConstructor' and "
                'an optimizer for each '
                '(configs/_base_/schedules/adversarial-150e.py)'
            )

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Restore the discriminator.

        Raises:
            InputError: If a run that goes on has none, or another one.
        """
        if not isinstance(runner._train_loop, BaseLoop):
            return  # a test
        try:
            if ENTRY not in checkpoint:
                raise InputError('the checkpoint holds no discriminator')
            self._trainer(runner).load_own_state_dict(checkpoint[ENTRY])
        except InputError as error:
            what = f"'{runner._load_from}': {error}"
            if runner._resume:
                raise InputError(
                    f'{what}; start anew from its weights (--cfg-options '
                    'load_from=FILE)'
                ) from error
            runner.logger.warning(f'{what}; the discriminator starts anew')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Write the discriminator into the checkpoint."""
        state = self._trainer(runner).own_state_dict()
        checkpoint[ENTRY] = {key: value.cpu() for key, value in state.items()}
