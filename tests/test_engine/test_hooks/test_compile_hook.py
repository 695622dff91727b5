"""``default_hooks.compile`` compiles the forward pass of the training."""

import pytest
import torch
import torch.nn as nn
from mmengine.model import BaseModel

from cleaners.engine.hooks import CompileHook
from cleaners.utils.checkpoint import (
    find_latest_checkpoint,
    read_checkpoint,
    state_dict_of,
)


class WithLoss(BaseModel):
    """Its loss is a method, as a segmentor's is; the gradient the mean of i."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, inputs, mode='tensor'):
        if mode == 'loss':
            return self.loss(inputs)
        return [self.weight.item()] * len(inputs)

    def loss(self, inputs):
        return dict(loss=self.weight * torch.stack(inputs)[:, 0].mean())


@pytest.mark.parametrize('enable', [True, False])
def test_the_forward_pass_is_compiled_once(make_runner, tmp_path, enable):
    graphs = []

    def backend(graph, _):
        graphs.append(graph)
        return graph.forward

    runner = make_runner([], model=WithLoss())
    runner.register_hook(CompileHook(enable, backend=backend))
    runner.train()
    assert len(graphs) == int(enable)
    assert runner.model.weight.item() == -20  # two epochs of 0 + 1 + ... + 4
    checkpoint = read_checkpoint(find_latest_checkpoint(str(tmp_path)))
    assert list(state_dict_of(checkpoint)) == ['weight']
    torch._dynamo.reset()
