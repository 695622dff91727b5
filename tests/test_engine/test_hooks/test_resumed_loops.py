"""Resumed runs by iterations, and by a schedule that follows the scores."""

import pytest
from learning_rates import train_and_note_rates as rates_of
from mmengine.config import Config

from cleaners.utils.errors import InputError

HOOKS = ['ResumeCheckHook']
ITERATIONS = 5  # of an epoch


def by_iterations(iterations, **scheduler):
    cfg = Config(dict(param_scheduler=scheduler))
    return dict(
        iterations=iterations, val_interval=2, param_scheduler=scheduler, cfg=cfg
    )


def cosine(iterations, end):
    kind = dict(type='CosineAnnealingLR', eta_min=1e-3, by_epoch=False)
    return by_iterations(iterations, T_max=end, **kind)


def plateau(factor=0.5):
    kind = dict(type='ReduceOnPlateauLR', monitor='weight', rule='greater')
    scheduler = dict(kind, patience=0, factor=factor)
    cfg = Config(dict(param_scheduler=scheduler))
    return dict(epochs=4, param_scheduler=scheduler, cfg=cfg)


def test_the_rates_without_epochs(make_runner, resume):
    """A cosine of 6 iterations, and of 12 from its fourth on."""
    whole = rates_of(make_runner(HOOKS, **cosine(6, 6)))
    assert rates_of(resume(4, HOOKS, **cosine(6, 6))) == whole[4:]
    longer = rates_of(resume(4, HOOKS, **cosine(12, 12)))
    assert longer == rates_of(make_runner(HOOKS, **cosine(12, 12)))[4:]
    with pytest.raises(InputError, match=r'set param_scheduler\.T_max=14 \(iters\)'):
        resume(4, HOOKS, **cosine(14, 12)).train()
    with pytest.raises(InputError, match='done 12 iters, but train_cfg.max_iters is 6'):
        resume(12, HOOKS, **cosine(6, 12)).train()


def test_a_schedule_by_epochs_takes_no_step_without_them(make_runner, resume):
    poly = by_iterations(6, type='PolyLR', eta_min=0, end=2)
    make_runner(HOOKS, **poly).train()
    assert rates_of(resume(4, HOOKS, **poly)) == [[1.0]] * 2


def test_a_schedule_that_follows_the_scores_goes_on(make_runner, resume, tmp_path):
    """The weight falls, which is worse: the rate falls at each epoch but one."""
    # an epoch is validated after its checkpoint is written
    hooks = [*HOOKS, 'MissedValidationHook']
    whole = rates_of(make_runner(hooks, **plateau()))
    assert [rate for (rate,) in whole[::ITERATIONS]] == [1, 1, 0.5, 0.25]
    assert rates_of(resume(3, hooks, **plateau())) == whole[-ITERATIONS:]
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'another schedule' not in log
    assert rates_of(resume(3, hooks, **plateau(0.1))) == whole[-ITERATIONS:]
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert "cannot be computed anew: the checkpoint's goes on" in log


def test_one_that_follows_the_scores_takes_no_others_place(make_runner, resume):
    make_runner(HOOKS, epochs=2).train()
    with pytest.raises(InputError, match='trained with another kind of schedule'):
        resume(1, HOOKS, **plateau()).train()


def test_a_copied_run_without_epochs_leaves_the_original_alone(make_runner, tmp_path):
    options = dict(rule='less', val_interval=5)
    first, second = tmp_path / 'first', tmp_path / 'second'
    make_runner(HOOKS, iterations=5, work_dir=first, **options).train()
    given = dict(resume=True, load_from=str(first / 'iter_5.pth'))
    make_runner(HOOKS, iterations=10, work_dir=second, **given, **options).train()
    assert (first / 'best_weight_iter_5.pth').is_file()
    assert [p.name for p in second.glob('best*')] == ['best_weight_iter_10.pth']
