"""A resumed run has the learning rates of its config, or does not start."""

import shutil

import pytest
import torch
from learning_rates import train_and_note_rates as rates_of
from mmengine.config import Config

from cleaners.utils.errors import InputError

HOOKS = ['ResumeCheckHook']
COSINE = dict(type='CosineAnnealingLR', eta_min=1e-3)
POLY = dict(type='PolyLR', eta_min=0, end=2)
ITERATIONS = 5  # of an epoch


def cosine(epochs, **kwargs):
    return dict(COSINE, T_max=epochs, **kwargs)


def warm_up(epochs):
    """A rise by iterations in the first epoch, then a cosine by epochs."""
    return [
        dict(type='LinearLR', end=1, convert_to_iter_based=True),
        cosine(epochs - 1, begin=1),
    ]


def options(epochs, scheduler, **kwargs):
    return dict(
        epochs=epochs,
        param_scheduler=scheduler,
        cfg=Config(dict(param_scheduler=scheduler)),
        **kwargs,
    )


@pytest.mark.parametrize(
    'before, after',
    [
        (options(2, cosine(2)), options(5, cosine(5))),
        (
            options(2, cosine(2, convert_to_iter_based=True)),
            options(5, cosine(5, convert_to_iter_based=True)),
        ),
        (options(3, warm_up(3)), options(5, warm_up(5))),
        (options(4, cosine(4)), options(3, cosine(4))),
        (options(2, cosine(2)), options(4, None)),
        (options(2, None), options(4, cosine(4))),
        (options(4, cosine(4)), options(4, cosine(4), lr=0.1)),
        (options(2, None), options(4, None, lr=0.1)),
        (
            options(3, cosine(3, convert_to_iter_based=True)),
            options(
                3, cosine(3, convert_to_iter_based=True), loader=dict(batch_size=2)
            ),
        ),
        (
            options(2, dict(type='PolyLR', eta_min=0)),
            options(4, dict(type='PolyLR', eta_min=0)),
        ),
    ],
    ids=[
        'longer',
        'longer-by-iterations',
        'warm-up',
        'stopped-early',
        'without',
        'with',
        'lr',
        'lr-without',
        'batch-size',
        'poly',
    ],
)
def test_the_rates_are_those_of_a_run_of_its_own(
    make_runner, resume, tmp_path, before, after
):
    make_runner(HOOKS, **before).train()
    resumed = rates_of(resume(2, HOOKS, **after))
    fresh = rates_of(make_runner(HOOKS, **after))
    iterations = len(fresh) // after['epochs']
    assert resumed == fresh[2 * iterations :]
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    unchanged = before['param_scheduler'] == after['param_scheduler']
    if not unchanged or 'lr' in after:
        assert 'the config has another schedule or learning rate' in log


def test_a_run_may_be_resumed_before_it_is_trained(make_runner, resume):
    same = options(3, warm_up(3))
    runner = make_runner(HOOKS, **same)
    whole = rates_of(runner)

    class Initialized(type(runner.model)):
        def init_weights(self):
            if not self.is_init:
                torch.nn.init.constant_(self.weight, 100)
                self.is_init = True

    resumed = resume(1, HOOKS, model=Initialized(), **same)
    resumed.load_or_resume()
    assert rates_of(resumed) == whole[ITERATIONS:]
    assert resumed.model.weight.item() == runner.model.weight.item()


def test_the_same_schedule_is_left_alone(make_runner, resume, tmp_path):
    same = options(3, warm_up(3))
    whole = rates_of(make_runner(HOOKS, **same))
    assert rates_of(resume(1, HOOKS, **same)) == whole[ITERATIONS:]
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'another schedule' not in log


@pytest.mark.parametrize(
    'before, after, key',
    [
        (
            cosine(2),
            cosine(2),
            r'still ends after 2 of 4 steps: '
            r'set param_scheduler\.T_max=4 ',
        ),
        (
            cosine(2, convert_to_iter_based=True),
            cosine(2, convert_to_iter_based=True),
            r'10 of 20 steps: set param_scheduler\.T_max=4 ',
        ),
        (warm_up(2), warm_up(2), r'set param_scheduler\.1\.T_max=3 '),
        (POLY, POLY, r'still ends after 2 of 4 steps: set param_scheduler\.end=4 '),
        (
            dict(POLY, convert_to_iter_based=True),
            dict(POLY, convert_to_iter_based=True),
            r'10 of 20 steps: set param_scheduler\.end=4 ',
        ),
    ],
)
def test_a_forgotten_end_is_refused(make_runner, resume, before, after, key):
    make_runner(HOOKS, **options(2, before)).train()
    with pytest.raises(
        InputError, match=rf"max_epochs=4 is more than .*epoch_1\.pth' .*{key}"
    ):
        resume(1, HOOKS, **options(4, after)).train()


def test_fewer_epochs_than_done_are_refused(make_runner, resume):
    make_runner(HOOKS, epochs=2).train()
    with pytest.raises(
        InputError,
        match=r"epoch_2\.pth' has done 2 epochs, but "
        'train_cfg.max_epochs is 1: raise it',
    ):
        resume(2, HOOKS, epochs=1).train()


def test_weights_alone_cannot_be_resumed(make_runner, tmp_path):
    make_runner(HOOKS, epochs=1).train()
    best = str(tmp_path / 'best_weight_epoch_1.pth')
    with pytest.raises(InputError, match=r"epoch_1\.pth' holds no optimizer: resume "):
        make_runner(HOOKS, epochs=2, resume=True, load_from=best).train()
    # as publish_model.py writes it
    weights = torch.load(best, weights_only=False)['state_dict']
    torch.save(dict(meta={}, state_dict=weights), tmp_path / 'published.pth')
    published = str(tmp_path / 'published.pth')
    with pytest.raises(InputError, match="published.pth' holds no optimizer: resume "):
        make_runner(HOOKS, epochs=2, resume=True, load_from=published).train()


def test_settings_of_the_optimizer_follow_the_config(make_runner, resume, tmp_path):
    make_runner(HOOKS, epochs=2).train()
    decay = dict(optimizer=dict(type='SGD', lr=1.0, weight_decay=0.25))
    resumed = resume(1, HOOKS, epochs=2, optim_wrapper=decay)
    resumed.train()
    weight = -10.0  # after the first epoch: less the sum of the gradients 0 ... 4
    for gradient in range(5):
        weight -= gradient + 0.25 * weight
    assert resumed.model.weight.item() == pytest.approx(weight, abs=1e-5)
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'the run goes on with weight_decay=0.25' in log
    assert 'another schedule' not in log


def test_settings_that_are_scheduled_are_left_alone(make_runner, resume, tmp_path):
    """A momentum that changes is not one that the user has changed."""
    momentum = dict(type='CosineAnnealingMomentum', T_max=2, eta_min=0.1)
    same = dict(
        epochs=2,
        optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.1)),
        param_scheduler=momentum,
    )
    whole = make_runner(HOOKS, **same)
    whole.train()
    resumed = resume(1, HOOKS, **same)
    resumed.train()
    assert resumed.model.weight.item() == whole.model.weight.item()
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'the run goes on' not in log


def with_another_weight(runner):
    runner.model.other = torch.nn.Parameter(torch.zeros(()))
    return runner


@pytest.mark.parametrize(
    'changed, message',
    [
        (
            dict(optimizer=dict(type='AdamW', lr=1.0)),
            'of another optimizer: it has .*momentum.*, that of the config .*betas',
        ),
        (
            dict(
                optimizer=dict(type='SGD', lr=1.0, weight_decay=0.1),
                paramwise_cfg=dict(bias_decay_mult=0.0),
            ),
            r'groups 2 parameters into 1, the config 2 into 2 \(optim_wrapper\.',
        ),
    ],
    ids=['optimizer', 'groups'],
)
def test_the_state_of_another_optimizer_is_refused(
    make_runner, resume, changed, message
):
    with_another_weight(make_runner(HOOKS)).train()
    with pytest.raises(InputError, match=rf"epoch_1\.pth' .*{message}.*load_from"):
        with_another_weight(resume(1, HOOKS, optim_wrapper=changed)).train()


@pytest.mark.parametrize('with_best', [True, False])
def test_a_copied_run_leaves_the_original_alone(make_runner, tmp_path, with_best):
    """It would remove the best checkpoint of the folder that it came from."""
    first, second = tmp_path / 'first', tmp_path / 'second'
    make_runner(HOOKS, rule='less', work_dir=first).train()
    best = first / 'best_weight_epoch_2.pth'
    assert best.is_file()
    shutil.copytree(first, second)
    if not with_best:
        (second / best.name).unlink()
    runner = make_runner(
        HOOKS,
        epochs=3,
        rule='less',
        work_dir=second,
        resume=True,
        load_from=str(second / 'epoch_2.pth'),
    )
    runner.train()
    assert best.is_file()
    assert [p.name for p in second.glob('best*')] == ['best_weight_epoch_3.pth']
    assert 'is left alone' in '\n'.join(p.read_text() for p in second.glob('*/*.log'))


def test_a_best_checkpoint_that_was_not_copied_is_no_best(make_runner, tmp_path):
    """A worse one is better than none."""
    first, second = tmp_path / 'first', tmp_path / 'second'
    make_runner(HOOKS, epochs=1, work_dir=first).train()  # weights fall
    second.mkdir()
    shutil.copy(first / 'epoch_1.pth', second)
    given = dict(resume=True, load_from=str(second / 'epoch_1.pth'))
    make_runner(HOOKS, work_dir=second, **given).train()
    assert [p.name for p in second.glob('best*')] == ['best_weight_epoch_2.pth']
    assert (first / 'best_weight_epoch_1.pth').is_file()
