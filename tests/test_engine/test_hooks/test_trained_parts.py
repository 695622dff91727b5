"""A model in two parts, with an optimizer each."""

import pytest
import torch
import torch.nn as nn
from mmengine.config import Config
from mmengine.model import BaseModel

from cleaners.utils.errors import InputError

HOOKS = [
    'ResumeCheckHook',
    'FiniteCheckHook',
    dict(type='EffectiveBatchHook', base_batch_size=2),
]
COSINE = dict(type='CosineAnnealingLR', eta_min=1e-3)
FRAMES = 0.0, 1.0, 2.0, 3.0, 4.0


class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))


class TwoParts(BaseModel):
    """The gradient is the mean of i, and ten times that of the second."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Part(), Part()
        self.rates = []

    def forward(self, inputs, mode):
        return [self.first.weight.item()] * len(inputs)

    def train_step(self, data, optim_wrapper):
        self.rates.append([rates[0] for rates in optim_wrapper.get_lr().values()])
        mean = torch.stack(data['inputs'])[:, 0].mean()
        for scale, name in ((1, 'first'), (10, 'second')):
            loss = getattr(self, name).weight * mean * scale
            optim_wrapper[name].update_params(loss)
        return dict(loss=loss)


def parts(**second):
    """An optimizer each, the second with other options."""
    sgd = dict(optimizer=dict(type='SGD', lr=1.0))
    return dict(
        constructor='SplitOptimWrapperConstructor',
        first=sgd,
        second=dict(sgd, **second),
    )


def schedule(first, second=None):
    """The ends of their cosines; none for a constant rate."""
    made = {
        name: [] if end is None else dict(COSINE, T_max=end)
        for name, end in (('first', first), ('second', second))
    }
    return dict(param_scheduler=made, cfg=Config(dict(param_scheduler=made)))


@pytest.fixture
def run(make_runner, resume):
    """Train two parts, from the start or after an epoch."""

    def train(epochs, after=None, **kwargs):
        options = dict(
            dict(model=TwoParts(), optim_wrapper=parts(), epochs=epochs), **kwargs
        )
        runner = (
            make_runner(HOOKS, **options)
            if after is None
            else resume(after, HOOKS, **options)
        )
        runner.train()
        return runner

    return train


def weights(runner):
    return [p.item() for p in runner.model.parameters()]


def test_both_accumulate_within_an_epoch(run):
    """Frames 0 to 4 in pairs; the last is an update of its own."""
    change = 0.5 + 2.5 + 4
    assert weights(run(2)) == [-2 * change, -20 * change]
    assert weights(run(2, after=1)) == [-2 * change, -20 * change]


def test_the_log_names_the_parts(run, tmp_path):
    clip = dict(clip_grad=dict(max_norm=1e-3))
    runner = run(1, optim_wrapper=parts(**clip))
    logged = runner.message_hub.log_scalars
    assert {'train/first.lr', 'train/second.lr', 'train/second.grad_norm'} <= set(
        logged
    )
    assert 'train/first.grad_norm' not in logged  # it is not clipped
    assert logged['train/second.grad_norm'].current() == 40
    log = next(tmp_path.glob('*/*.log')).read_text()
    for name in ('first', 'second'):
        assert f'{name}: effective batch size 2: 1 frames x' in log


@pytest.mark.parametrize('several', [False, True])
def test_one_schedule_may_be_that_of_both(run, several):
    def shared(end):
        cosine = dict(COSINE, T_max=end)
        made = [cosine] if several else cosine
        return dict(param_scheduler=made, cfg=Config(dict(param_scheduler=made)))

    run(2, **shared(2))
    resumed = run(4, after=2, **shared(4)).model.rates
    assert resumed == run(4, **shared(4)).model.rates[10:]
    key = 'param_scheduler.0.T_max' if several else 'param_scheduler.T_max'
    with pytest.raises(InputError, match=f'set {key}=6 '):
        run(6, after=4, **shared(4))


@pytest.mark.parametrize(
    'before, after',
    [
        (schedule(2), schedule(4)),
        (schedule(2, 2), schedule(4)),
        (schedule(2), schedule(4, 4)),
        (schedule(4, 4), schedule(4, 4)),
    ],
)
def test_the_rates_of_a_resumed_run_are_those_of_its_config(run, before, after):
    run(2, **before)
    resumed = run(4, after=2, **after).model.rates
    fresh = run(4, **after).model.rates
    assert resumed == fresh[2 * len(FRAMES) :]


def test_the_rate_of_one_part_may_change(run, tmp_path):
    run(2)
    slower = parts(optimizer=dict(type='SGD', lr=0.25))
    resumed = run(3, after=2, optim_wrapper=slower)
    assert resumed.model.rates == [[1.0, 0.25]] * len(FRAMES)
    log = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'the run goes on at second.lr=0.25' in log
    assert 'goes on at first.lr' not in log


def test_a_forgotten_end_is_refused(run):
    run(2, **schedule(2))
    with pytest.raises(InputError, match=r'set param_scheduler\.first\.T_max=4'):
        run(4, after=1, **schedule(2))


def test_other_parts_than_those_of_the_checkpoint_are_refused(run, make_runner, resume):
    run(1)
    with pytest.raises(
        InputError,
        match='holds the optimizer of first, second, but the config '
        'trains the whole model: resume with the config',
    ):
        resume(1, HOOKS, model=TwoParts(), epochs=2).train()
    make_runner(HOOKS, epochs=1).train()
    with pytest.raises(
        InputError, match='of the whole model, but the config trains first, second'
    ):
        run(2, after=1)


def test_accumulation_of_a_part_alone_is_refused(run):
    with pytest.raises(
        InputError, match=r'optim_wrapper\.second\.accumulative_counts=3 does nothing'
    ):
        run(1, optim_wrapper=parts(accumulative_counts=3))


def test_what_diverges_is_told_both_rates(run):
    model = TwoParts()
    model.second.weight.data.fill_(float('nan'))
    with pytest.raises(
        InputError,
        match=r'loss is nan .* a lower optim_wrapper\.first\.optimizer\.lr'
        r' or optim_wrapper\.second\.optimizer\.lr',
    ):
        run(1, model=model)


@pytest.mark.parametrize(
    'wrong, match',
    [
        (dict(type='OptimWrapper'), 'type is no part'),
        (dict(paramwise_cfg=dict(bias_lr_mult=2.0)), 'paramwise_cfg is no part'),
        (dict(second=dict(type='OptimWrapper')), 'second is no part'),
        (
            dict(third=parts()['first']),
            r"for \['first', 'second', 'third'\], but the model trains "
            r"\['first', 'second'\]",
        ),
    ],
)
def test_what_is_no_part_is_refused(run, wrong, match):
    with pytest.raises(InputError, match=match):
        run(1, optim_wrapper=dict(parts(), **wrong))
