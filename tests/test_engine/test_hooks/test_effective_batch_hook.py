import pytest
import torch
import torch.nn as nn
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper, OptimWrapperDict

from cleaners.engine.hooks import EffectiveBatchHook
from cleaners.utils.errors import InputError


def hook(base_batch_size):
    return dict(type='EffectiveBatchHook', base_batch_size=base_batch_size)


@pytest.mark.parametrize(
    'batch_size, base, expected',
    [
        (1, 1, 0.0 + 1 + 2 + 3 + 4),
        (1, 2, 0.5 + 2.5 + 4),
        (1, 4, 1.5 + 4),
        (2, 4, 1.5 + 4),
        (1, 8, 2.0),
    ],
)
def test_an_epoch_ends_with_an_update(make_runner, resume, batch_size, base, expected):
    """The last group is averaged over its own iterations, and none is lost.

    Frames 0 to 4 are their own gradients; the learning rate is 1.
    """
    options = dict(epochs=2, loader=dict(batch_size=batch_size))
    runner = make_runner([hook(base)], **options)
    runner.train()
    assert runner.model.weight.item() == -2 * expected

    resumed = resume(1, [hook(base)], **options)
    resumed.train()
    assert resumed.model.weight.item() == -2 * expected
    assert len(resumed.model.seen) == -(-5 // batch_size)


class OneNamedWeight(BaseModel):
    """Its optimizer is one of several."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, inputs, mode='tensor'):
        return [self.weight.item()] * len(inputs)

    def train_step(self, data, optim_wrapper):
        loss = self.weight * torch.stack(data['inputs'])[:, 0].mean()
        optim_wrapper['part'].update_params(loss)
        return dict(loss=loss.detach())


def test_a_training_by_iterations_ends_with_an_update_of_every_part(make_runner):
    """Mmengine does not tell several optimizers which iteration is the last."""
    model = OneNamedWeight()
    part = OptimWrapper(torch.optim.SGD(model.parameters(), lr=1.0))
    runner = make_runner(
        [hook(2)], model=model, optim_wrapper=OptimWrapperDict(part=part), iterations=3
    )
    runner.train()
    assert model.weight.item() == -(0.5 + 2)


def test_drop_last_leaves_out_frames(make_runner):
    """Without a base the counts are those of the config."""
    runner = make_runner(
        [hook(None)],
        epochs=1,
        loader=dict(batch_size=2, drop_last=True),
        wrapper=dict(accumulative_counts=2),
    )
    runner.train()
    assert runner.model.weight.item() == -(0.5 + 2.5) / 2


@pytest.mark.parametrize(
    'base, effective, counts, warned', [(4, 4, 2, False), (1, 2, 1, True)]
)
def test_the_log_says_what_an_update_is_made_of(
    make_runner, tmp_path, base, effective, counts, warned
):
    make_runner([hook(base)], epochs=1, loader=dict(batch_size=2)).train()
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert (
        f'effective batch size {effective}: 2 frames x 1 processes x '
        f'{counts} accumulated' in log
    )
    assert ('is not scaled' in log) == warned


def test_a_learning_rate_may_be_scaled_where_nothing_is_accumulated(
    make_runner, tmp_path
):
    scale = dict(enable=True, base_batch_size=1)
    two = dict(epochs=1, loader=dict(batch_size=2), auto_scale_lr=scale)
    runner = make_runner([hook(1)], **two)
    runner.train()
    assert runner.model.weight.item() == -2 * (0.5 + 2.5 + 4)
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert 'is more than' in log and 'is not scaled' not in log
    with pytest.raises(InputError, match='auto_scale_lr.enable=True beside .*=4: 2 '):
        make_runner([hook(4)], **two).train()


@pytest.mark.parametrize(
    'base, loader, wrapper, message',
    [
        (4, dict(batch_size=3), dict(), 'batch_size 3 x 1 processes do not'),
        (
            4,
            dict(batch_size=8, drop_last=True),
            dict(),
            '5 frames for each process do not fill one batch of 8',
        ),
        (
            4,
            dict(batch_size=1),
            dict(accumulative_counts=3),
            'accumulative_counts=3 does nothing beside .*base_batch_size=4',
        ),
    ],
)
def test_what_does_not_add_up_is_refused(make_runner, base, loader, wrapper, message):
    runner = make_runner([hook(base)], loader=loader, wrapper=wrapper)
    with pytest.raises(InputError, match=message):
        runner.train()


@pytest.mark.parametrize('base', [0, 2.5, '4'])
def test_a_base_is_a_number(base):
    with pytest.raises(InputError, match=f'from 1 on, or None, .* {base!r}'):
        EffectiveBatchHook(base)
