"""Whether a checkpoint is about to be written."""

from mmengine.hooks import CheckpointHook, Hook
from mmengine.runner import Runner


def is_checkpoint_due(runner: Runner) -> bool:
    """Whether a hook writes a checkpoint after this iteration, not its epoch."""
    return any(_is_due(hook, runner) for hook in runner.hooks)


def _is_due(hook: Hook, runner: Runner) -> bool:
    return (
        isinstance(hook, CheckpointHook)
        and not hook.by_epoch
        and (
            hook.every_n_train_iters(runner, hook.interval, hook.save_begin)
            or (hook.save_last and hook.is_last_train_iter(runner))
        )
    )
