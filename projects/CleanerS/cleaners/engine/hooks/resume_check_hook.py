import warnings
from pathlib import Path

from mmdet3d.registry import HOOKS
from mmengine.hooks import CheckpointHook, Hook
from mmengine.optim import _ParamScheduler
from mmengine.runner import Runner

from ...utils.errors import InputError
from ..checkpoint_folder import checkpoint_folder
from ..loop_unit import LoopUnit, unit_of
from ..resumed_best import keep_to_folder
from ..resumed_settings import follow_settings, refuse_other_groups
from ..trained_parts import TrainedPart, list_parts, part_of

# how far a scheduler has come; all else of its state is from the config
PROGRESS = {
    *('last_step', '_global_step', '_last_value', 'verbose'),
    # of one that follows the scores
    *('best', 'num_bad_epochs', 'cooldown_counter'),
}


@HOOKS.register_module()
class ResumeCheckHook(Hook):
    """Let the optimizer of a resumed run follow its config.

    mmengine restores the schedule of the checkpoint: when that ends before
    the ``max_epochs`` of the config, the learning rate stays where it is.
    Where the config has another schedule or learning rate than the
    checkpoint, the rates are computed here as if it had been so from the
    start; one that follows the scores (``ReduceOnPlateauLR``) goes on as it
    was. torch restores all other settings, too: those of the config, such
    as ``weight_decay``, are put in their place. Of a run that was copied the
    best checkpoint that it had elsewhere is left alone.
    """

    priority = 'VERY_HIGH'

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare schedules before that of the checkpoint is restored.

        Raises:
            InputError: If the checkpoint holds no optimizer, another one or
                one of other parameters, or has done more epochs (or
                iterations) than are asked for, or ``T_max`` or ``end`` was
                forgotten, or a schedule that follows the scores takes the
                place of another.
        """
        if not runner._resume:
            return
        source = f"checkpoint '{runner._load_from}'"
        if 'optimizer' not in checkpoint:
            raise InputError(
                f'{source} holds no optimizer: resume from an '
                'epoch_N.pth, or start anew from its weights '
                '(--cfg-options load_from=FILE)'
            )
        _keep_best_of_others(runner, checkpoint)
        unit = unit_of(runner.train_loop)
        _build_optimizers(runner)
        unit = unit._replace(done=checkpoint['meta'][unit.name])
        if unit.done > unit.total:
            raise InputError(
                f'{source} has done {unit.done} {unit.name}s, but {unit.setting} '
                f'is {unit.total}: raise it, or resume from an earlier '
                'checkpoint'
            )
        parts = list_parts(runner)
        _refuse_other_parts(parts, checkpoint['optimizer'], source)
        for part in parts:
            _refuse_other_optimizer(part, checkpoint['optimizer'], source)
        if unit.done < unit.total:
            for part in parts:
                self._follow_settings(runner, part, checkpoint)
                self._follow_rates(runner, part, checkpoint, unit)

    def _follow_settings(
        self, runner: Runner, part: TrainedPart, checkpoint: dict
    ) -> None:
        """Put the optimizer's settings of the config into the checkpoint."""
        scheduled = {'lr', *(s.param_name for s in part.schedulers)}
        if 'momentum' in scheduled:  # Adam's is the first of its betas
            scheduled.add('betas')
        scheduled |= {f'initial_{name}' for name in scheduled}
        stored = _groups_of(part_of(checkpoint['optimizer'], part.name))
        groups = part.optim_wrapper.param_groups
        changed = follow_settings(groups, stored, scheduled)
        if changed:
            values = ', '.join(
                f'{part.key("", key)}={groups[0].get(key)}' for key in changed
            )
            runner.logger.warning(
                'the config has other settings of the optimizer than checkpoint '
                f"'{runner._load_from}': the run goes on with {values}"
                f'{" (of the first group)" if len(groups) > 1 else ""}'
            )

    def _follow_rates(
        self, runner: Runner, part: TrainedPart, checkpoint: dict, unit: LoopUnit
    ) -> None:
        """Put the rates of the config into the checkpoint, if they differ."""
        schedulers, groups = part.schedulers, part.optim_wrapper.param_groups
        all_stored = checkpoint.get('param_schedulers')
        stored = part_of(all_stored, part.name) or []
        stored_groups = _groups_of(part_of(checkpoint['optimizer'], part.name))
        _refuse_forgotten_end(runner, part, stored, unit)
        settings = _settings([s.state_dict() for s in schedulers], groups)
        if settings == _settings(stored, stored_groups):
            return
        if any(getattr(s, 'need_val_args', False) for s in schedulers):
            if [set(s.state_dict()) for s in schedulers] != [set(s) for s in stored]:
                raise InputError(
                    f"checkpoint '{runner._load_from}' was trained with another kind "
                    'of schedule, and one that follows the scores cannot be computed '
                    'anew: resume with its own, or start anew from its weights '
                    '(--cfg-options load_from=FILE)'
                )
            runner.logger.warning(
                'the config has another schedule or learning rate than checkpoint '
                f"'{runner._load_from}', but one that follows the scores cannot be "
                "computed anew: the checkpoint's goes on"
            )
            return
        _replay(schedulers, unit, len(runner.train_dataloader))
        states = [s.state_dict() for s in schedulers]
        checkpoint['param_schedulers'] = (
            {**(all_stored or {}), part.name: states} if part.name else states
        )
        for name in {'lr', *(s.param_name for s in schedulers)}:
            for ours, theirs in zip(groups, stored_groups):
                theirs.update(
                    {key: ours[key] for key in (name, f'initial_{name}') if key in ours}
                )
        runner.logger.warning(
            'the config has another schedule or learning rate than '
            f"checkpoint '{runner._load_from}': the run goes on at "
            f'{part.key("", "lr")}={groups[0]["lr"]:g}, as if it had been so '
            'from the start'
        )


def _build_optimizers(runner: Runner) -> None:
    """Build what Runner.train does before it resumes, Runner.load_or_resume after."""
    if not isinstance(runner.optim_wrapper, dict):
        return
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    if runner.param_schedulers is not None:
        runner.param_schedulers = runner.build_param_scheduler(runner.param_schedulers)
    # not over what is loaded now
    runner._init_model_weights()


def _keep_best_of_others(runner: Runner, checkpoint: dict) -> None:
    """Keep the run from removing what lies in another run's folder."""
    for hook in runner.hooks:
        if not isinstance(hook, CheckpointHook):
            continue
        folder = checkpoint_folder(runner.work_dir, hook.out_dir)
        for path in keep_to_folder(checkpoint['message_hub'], Path(folder)):
            runner.logger.info(
                f"the best checkpoint so far, '{path}', is not in '{folder}': it "
                'is left alone'
            )


def _refuse_other_parts(parts: list[TrainedPart], optimizer: dict, source: str) -> None:
    """Refuse the optimizers of a model that was trained in other parts.

    Raises:
        InputError: With what there is and what there should be.
    """
    ours = {part.name for part in parts} - {''}
    theirs = set() if 'param_groups' in optimizer else set(optimizer)
    if ours != theirs:
        has, wants = (
            ', '.join(sorted(names)) or 'the whole model' for names in (theirs, ours)
        )
        raise InputError(
            f'{source} holds the optimizer of {has}, but the '
            f'config trains {wants}: resume with the config that '
            'it was trained with, or start anew from its weights '
            '(--cfg-options load_from=FILE)'
        )


def _refuse_other_optimizer(part: TrainedPart, optimizer: dict, source: str) -> None:
    """Refuse a state that does not fit the optimizer of a part.

    Raises:
        InputError: With what differs.
    """
    stored = part_of(optimizer, part.name)['param_groups']
    try:
        refuse_other_groups(part.optim_wrapper.optimizer.param_groups, stored)
    except InputError as error:
        of = f' ({part.name})' if part.name else ''
        raise InputError(
            f'{source}{of} {error}: resume with the settings that it was trained '
            'with, or start anew from its weights (--cfg-options load_from=FILE)'
        ) from None


def _groups_of(optimizer: dict) -> list[dict]:
    """List the parameter groups of a state as an OptimWrapper does."""
    base = optimizer.get('base_param_settings')
    return optimizer['param_groups'] + ([base] if base else [])


def _settings(schedulers: list[dict], groups: list[dict]) -> tuple:
    """Return what the config decides of schedulers and learning rates."""
    kept = [
        {key: value for key, value in state.items() if key not in PROGRESS}
        for state in schedulers
    ]
    return kept, [group.get('initial_lr', group['lr']) for group in groups]


def _refuse_forgotten_end(
    runner: Runner, part: TrainedPart, stored: list[dict], unit: LoopUnit
) -> None:
    """Refuse a longer training whose learning rate ends where it did.

    Raises:
        InputError: With the key to set.
    """
    config = runner.cfg.get('param_scheduler')
    # one schedule may be that of all parts
    part = part._replace(name=part.name if part.name in (config or ()) else '')
    several = isinstance(part_of(config, part.name), list)
    per_epoch = len(runner.train_dataloader) if unit.name == 'epoch' else 1
    for index, (ours, theirs) in enumerate(zip(part.schedulers, stored)):
        if ours.by_epoch and unit.name == 'iter':
            continue  # it takes no step
        length_of_unit = 1 if ours.by_epoch else per_epoch
        steps = unit.total * length_of_unit
        key = _forgotten_end(ours, theirs, steps)
        if key:
            length = steps if key == 'end' else ours.end - ours.begin
            path = part.key('param_scheduler', f'{index}.{key}' if several else key)
            raise InputError(
                f'{unit.setting}={unit.total} is more than '
                f"checkpoint '{runner._load_from}' was trained for, but the "
                f'learning rate still ends after {getattr(ours, key)} of '
                f'{length} steps: set {path}={length // length_of_unit} '
                f'({unit.name}s), too'
            )


def _forgotten_end(scheduler: _ParamScheduler, stored: dict, steps: int) -> str:
    """Return which setting ends a schedule before the run; '' where none does.

    A cosine rises again after its end, a polynomial stays at 0.
    """
    T_max, length = getattr(scheduler, 'T_max', None), scheduler.end - scheduler.begin
    if (
        T_max is not None
        and T_max == stored.get('T_max')
        and T_max < length
        and scheduler.end > stored['end']
    ):
        return 'T_max'
    ends_at_zero = (
        hasattr(scheduler, 'power') and getattr(scheduler, 'eta_min', None) == 0
    )
    return 'end' if ends_at_zero and scheduler.end < steps else ''


def _replay(
    schedulers: list[_ParamScheduler], unit: LoopUnit, epoch_length: int
) -> None:
    """Step schedulers as what is done of a training would have done.

    One by epochs takes no step in a loop that has none.
    """
    has_epochs = unit.name == 'epoch'
    iterations = unit.done * (epoch_length if has_epochs else 1)
    with warnings.catch_warnings():
        # that no optimizer has stepped in between
        warnings.simplefilter('ignore')
        for step in range(1, iterations + 1):
            for scheduler in schedulers:
                if not scheduler.by_epoch:
                    scheduler.step()
            for scheduler in schedulers:
                if scheduler.by_epoch and has_epochs and step % epoch_length == 0:
                    scheduler.step()
