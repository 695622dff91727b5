from typing import Optional, Union

import torch
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import Runner
from torch import Tensor

from ...utils.checkpoint import find_non_finite
from ...utils.errors import InputError
from ...utils.model_wrapper import unwrap
from ..checkpoint_due import is_checkpoint_due
from ..trained_parts import rate_keys


@HOOKS.register_module()
class FiniteCheckHook(Hook):
    """Stop a training whose loss or weights are no numbers any more.

    The loss is looked at in every iteration, the weights before a checkpoint
    is written (before an older one makes room for it, and in every process)
    and before they are validated, so that no NaN replaces a good
    checkpoint or becomes the best one. Gradients are not looked at: loss
    scaling skips the steps in which they are infinite.
    """

    # after BatchNorm's statistics are averaged, before a checkpoint is written
    priority = 'LOW'

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: Optional[dict[str, Tensor]] = None,
    ) -> None:
        """Look at the sum of the losses, and at what is to be written.

        Raises:
            InputError: If one is not finite.
        """
        outputs = outputs or {}
        broken = _non_finite_losses(outputs)
        if not broken:
            if is_checkpoint_due(runner):
                self._check_weights(runner, runner.iter + 1)
            return
        # 'loss', their sum, comes first; it may be the only one
        name = broken[:2][-1]
        value = torch.as_tensor(outputs[name]).sum().item()
        batch = data_batch if isinstance(data_batch, dict) else {}
        frames = ', '.join(
            # the 2DNet's have their photo alone
            str(sample.get('sample_idx', sample.get('img_path')))
            for sample in batch.get('data_samples', ())
        )
        raise InputError(
            f'training stopped: {name} is {value} in epoch '
            f'{runner.epoch + 1}, iteration {batch_idx + 1}'
            f'{frames and f" (frames {frames})"}; no checkpoint holds it: go '
            f'on by --resume with a lower {rate_keys(runner)}, or look at '
            'the frames'
        )

    def after_train_epoch(self, runner: Runner) -> None:
        """Look at the weights before their checkpoint is written."""
        self._check_weights(runner, runner.iter)

    def before_val(self, runner: Runner) -> None:
        """Look at the weights before they can become the best."""
        self._check_weights(runner, runner.iter)

    @staticmethod
    def _check_weights(runner: Runner, iteration: int) -> None:
        """Look at all weights and buffers, after so many iterations.

        Raises:
            InputError: If one is not finite.
        """
        model = unwrap(runner.model)
        broken = find_non_finite(model.state_dict())
        if broken is not None:
            raise InputError(
                f'training stopped: {broken} has NaN or infinite values after '
                f'iteration {iteration}; no checkpoint holds them: go on by '
                f'--resume with a lower {rate_keys(runner)}'
            )


def _non_finite_losses(outputs: dict[str, Tensor]) -> list[str]:
    """List the losses that are no numbers; one look at their sum, if there is one.

    A model with a training step of its own may have no sum.
    """
    if 'loss' in outputs and _is_finite(outputs['loss']):
        return []
    return [
        key for key, value in outputs.items() if 'loss' in key and not _is_finite(value)
    ]


def _is_finite(loss: Union[Tensor, float]) -> bool:
    return bool(torch.as_tensor(loss).isfinite().all())
