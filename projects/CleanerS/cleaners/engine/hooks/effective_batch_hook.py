from typing import Optional

import torch.nn as nn
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, Runner

from ...utils.errors import InputError
from ..effective_batch import BASE_KEY, check_train_frames, count_batches
from ..trained_parts import list_parts


@HOOKS.register_module()
class EffectiveBatchHook(Hook):
    """Accumulate gradients up to the batch that a recipe was made for.

    As many batches are accumulated as it takes, so that a recipe is the same
    on one GPU or several. More frames than that (many GPUs) are let pass,
    with a warning.

    They are accumulated within an epoch, never from one into the next.
    mmengine counts the iterations of the whole run. Where those of an epoch
    are no multiple of ``accumulative_counts``, gradients of the last ones
    wait for the next epoch, and a run that is resumed in between loses them.
    Here every epoch counts anew: its last iterations, if too few, are an
    update of their own, by their mean.

    The log says how many frames make an update. Where parts of a model have
    an optimizer each, all of it holds for each of them.

    ``auto_scale_lr`` is refused where this hook accumulates: it does not count
    that.

    Args:
        base_batch_size (int, optional): Frames of an update, of all
            processes. None leaves ``optim_wrapper.accumulative_counts`` as it
            is. Defaults to None.

    Raises:
        InputError: If it is no number from 1 on.
    """

    def __init__(self, base_batch_size: Optional[int] = None) -> None:
        is_number = isinstance(base_batch_size, int) and base_batch_size >= 1
        if base_batch_size is not None and not is_number:
            raise InputError(
                f'{BASE_KEY} should be a number from 1 on, or '
                f'None, but got {base_batch_size!r}'
            )
        self.base_batch_size = base_batch_size

    def before_run(self, runner: Runner) -> None:
        """Set how many batches are accumulated, before mmengine counts them.

        Raises:
            InputError: If the training set does not fill one batch, or the
                frames of all processes do not divide ``base_batch_size``, or
                another number of batches was asked for, or a scaled
                learning rate beside several.
        """
        if not isinstance(runner._train_loop, BaseLoop):
            return  # a test
        check_train_frames(runner.train_dataloader)
        if self.base_batch_size is None:
            return
        counts = count_batches(
            self.base_batch_size, batch_size_of(runner), runner.world_size
        )
        if counts > 1 and scales_lr(runner):
            raise InputError(
                f'auto_scale_lr.enable=True beside {BASE_KEY}={self.base_batch_size}: '
                f'{counts} batches are accumulated, which it does not count; leave '
                'it out, or set the latter to None'
            )
        for part in list_parts(runner):
            own = part.optim_wrapper._accumulative_counts
            if own not in (1, counts):
                key = part.key('optim_wrapper', 'accumulative_counts')
                raise InputError(
                    f'{key}={own} does nothing beside '
                    f'{BASE_KEY}={self.base_batch_size}: set the latter to '
                    'None, or leave the former out'
                )
            part.optim_wrapper._accumulative_counts = counts

    def before_train(self, runner: Runner) -> None:
        """Log the effective batch size, and whether it is what was asked.

        Where a training counts iterations, optimizers of parts are told of
        which it is; mmengine tells that of a whole model only.
        """
        batch_size = batch_size_of(runner)
        counts_epochs = isinstance(runner.train_loop, EpochBasedTrainLoop)
        for part in list_parts(runner):
            counts = part.optim_wrapper._accumulative_counts
            effective = batch_size * runner.world_size * counts
            if part.name and not counts_epochs:
                part.optim_wrapper.initialize_count_status(
                    nn.Identity(), runner.iter, runner.max_iters
                )
            runner.logger.info(
                f'{part.name and f"{part.name}: "}'
                f'effective batch size {effective}: {batch_size} frames x '
                f'{runner.world_size} processes x {counts} accumulated'
            )
        if self.base_batch_size and effective > self.base_batch_size:
            runner.logger.warning(
                f'effective batch size {effective} is more than {BASE_KEY}='
                f'{self.base_batch_size}, for which the learning rate was '
                f'chosen; it is {"" if scales_lr(runner) else "not "}scaled'
            )

    def before_train_epoch(self, runner: Runner) -> None:
        """Start counting anew."""
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            for part in list_parts(runner):
                # the model would be looked at for a warning that was given
                # before
                part.optim_wrapper.initialize_count_status(
                    nn.Identity(), 0, len(runner.train_dataloader)
                )


def scales_lr(runner: Runner) -> bool:
    """Whether mmengine scales the learning rate by the batch size."""
    # a FlexibleRunner hides it
    settings = getattr(runner, 'auto_scale_lr', None)
    settings = settings or getattr(runner, '_auto_scale_lr', None) or {}
    return bool(settings.get('enable'))


def batch_size_of(runner: Runner) -> int:
    """Frames of a training batch of one process."""
    return runner.train_dataloader.batch_sampler.batch_size
