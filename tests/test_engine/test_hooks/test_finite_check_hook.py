import pytest
import torch
import torch.nn as nn
from mmengine.model import BaseModel
from mmseg.structures import SegDataSample

from cleaners.engine.hooks import FiniteCheckHook
from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.errors import InputError

HOOKS = ['FiniteCheckHook']
NAN, INF = float('nan'), float('inf')


class TwoLosses(BaseModel):
    """Frame ``at`` has another second loss, or another gradient.

    The more it is broken, the better it validates.
    """

    def __init__(self, at, loss=0.0, grad=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.weight.register_hook(lambda g: g * self.grad)
        self.at, self.loss, self.broken_grad, self.grad = at, loss, grad, 1.0
        self.seen = 0

    def forward(self, inputs, mode='tensor'):
        if mode != 'loss':
            return [1.0 if self.weight.isfinite() else 2.0] * len(inputs)
        is_broken = self.seen == self.at
        self.seen += 1
        self.grad = self.broken_grad if is_broken else 1.0
        return dict(
            loss_good=self.weight * 0.1,
            loss_bad=torch.tensor(self.loss if is_broken else 0.0),
            acc=torch.tensor(NAN),
        )


@pytest.mark.parametrize('loss', [NAN, INF, -INF])
def test_the_loss_that_is_no_number_is_named(make_runner, tmp_path, loss):
    """Epoch 1 is whole, and stays the best."""
    runner = make_runner(HOOKS, model=TwoLosses(at=7, loss=loss), epochs=3)
    with pytest.raises(
        InputError,
        match=f'^training stopped: loss_bad is {loss} in epoch 2, '
        'iteration 3; no checkpoint holds it: .* a lower optim_wrapper',
    ):
        runner.train()
    assert weights_in(tmp_path) == {
        'best_weight_epoch_1.pth': -0.5,
        'epoch_1.pth': -0.5,
    }


def test_losses_without_a_sum_are_looked_at(make_runner):
    """A model with a training step of its own need not have one."""
    hook, runner = FiniteCheckHook(), make_runner([], model=TwoLosses(at=0))
    hook.after_train_iter(runner, 0, {}, dict(g_loss=torch.tensor(1.0), d_loss=2.0))
    hook.after_train_iter(runner, 0, {}, dict(loss=1.0))
    with pytest.raises(InputError, match='training stopped: d_loss is nan in epoch 1'):
        hook.after_train_iter(runner, 0, {}, dict(g_loss=torch.tensor(1.0), d_loss=NAN))


def test_a_photo_without_a_frame_is_named(make_runner):
    hook = FiniteCheckHook()
    samples = [SegDataSample(metainfo=dict(img_path=f'{name}.png')) for name in 'ab']
    with pytest.raises(InputError, match=r'\(frames a\.png, b\.png\)'):
        hook.after_train_iter(
            make_runner([], model=TwoLosses(at=0)),
            0,
            dict(data_samples=samples),
            dict(loss=torch.tensor(NAN)),
        )


def weights_in(folder):
    return {
        path.name: pytest.approx(read_checkpoint(path)['state_dict']['weight'].item())
        for path in folder.glob('*.pth')
    }


@pytest.mark.parametrize('grad', [NAN, INF])
def test_broken_weights_are_not_written(make_runner, tmp_path, grad):
    """By the gradient of the last iteration of epoch 2, whose loss is good."""
    runner = make_runner(HOOKS, model=TwoLosses(at=9, grad=grad), epochs=3)
    with pytest.raises(
        InputError,
        match='^training stopped: weight has NaN or infinite values '
        'after iteration 10; ',
    ):
        runner.train()
    assert weights_in(tmp_path) == {
        'best_weight_epoch_1.pth': -0.5,
        'epoch_1.pth': -0.5,
    }


def test_broken_weights_are_not_written_without_epochs(make_runner, tmp_path):
    runner = make_runner(
        HOOKS, model=TwoLosses(at=9, grad=NAN), iterations=15, val_interval=5
    )
    with pytest.raises(InputError, match='infinite values after iteration 10; '):
        runner.train()
    assert weights_in(tmp_path) == {
        'best_weight_iter_5.pth': -0.5,
        'iter_5.pth': -0.5,
    }


@pytest.mark.parametrize('loop', [dict(), dict(iterations=15, val_interval=5)])
def test_no_checkpoint_makes_room_for_broken_weights(make_runner, tmp_path, loop):
    """Mmengine removes the oldest one before it writes the next."""
    model = TwoLosses(at=9, grad=NAN)
    runner = make_runner(HOOKS, model=model, epochs=3, max_keep_ckpts=1, **loop)
    with pytest.raises(InputError, match='weight has NaN or infinite values'):
        runner.train()
    last = 'iter_5.pth' if loop else 'epoch_1.pth'
    assert weights_in(tmp_path)[last] == -0.5


def test_broken_weights_are_not_validated(make_runner):
    runner = make_runner(HOOKS)
    runner.model.weight.data.fill_(NAN)
    with pytest.raises(InputError, match='weight has NaN'):
        runner.val()
