"""``compile`` of a config compiles the forward pass of the training."""
import pytest
import torch
import torch.nn as nn
from mmengine.config import Config
from mmengine.model import BaseModel

from cleaners.engine.hooks import CompileHook
from cleaners.engine.run_setup import set_compile
from cleaners.utils.checkpoint import (find_latest_checkpoint, read_checkpoint,
                                       state_dict_of)
from cleaners.utils.errors import InputError


class WithLoss(BaseModel):
    """Its loss is a method, as a segmentor's is; the gradient the mean of i.
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, inputs, mode='tensor'):
        if mode == 'loss':
            return self.loss(inputs)
        return [self.weight.item()] * len(inputs)

    def loss(self, inputs):
        return dict(loss=self.weight * torch.stack(inputs)[:, 0].mean())


def test_the_forward_pass_is_compiled_once(make_runner, tmp_path):
    graphs = []

    def backend(graph, _):
        graphs.append(graph)
        return graph.forward

    runner = make_runner([], model=WithLoss())
    runner.register_hook(CompileHook(backend=backend))
    runner.train()
    assert len(graphs) == 1
    assert runner.model.weight.item() == -20  # two epochs of 0 + 1 + ... + 4
    checkpoint = read_checkpoint(find_latest_checkpoint(str(tmp_path)))
    assert list(state_dict_of(checkpoint)) == ['weight']
    torch._dynamo.reset()


@pytest.mark.parametrize('value, hook', [
    (True, dict(type='CompileHook')),
    (dict(dynamic=False), dict(type='CompileHook', dynamic=False)),
    (dict(), dict(type='CompileHook')),
])
def test_the_hook_takes_the_runners_place(value, hook):
    cfg = Config(dict(compile=value, default_hooks=dict(timer=1)))
    set_compile(cfg)
    assert cfg.to_dict() == dict(default_hooks=dict(timer=1, compile=hook))


@pytest.mark.parametrize('cfg', [
    dict(default_hooks=dict()),
    dict(default_hooks=dict(), compile=False),
    dict(default_hooks=dict(), compile=None)
])
def test_nothing_is_compiled_unasked(cfg):
    cfg = Config(cfg)
    set_compile(cfg)
    assert cfg.to_dict() == dict(default_hooks=dict())


def test_another_value_gets_one_line():
    with pytest.raises(InputError, match="compile should be .* got 'yes'"):
        set_compile(Config(dict(compile='yes')))
