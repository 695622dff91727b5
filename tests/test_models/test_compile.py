"""torch.compile takes the network in few pieces and changes no number.

Without C++: the backends here run the traced graphs as they are.
"""

import copy

import pytest
import torch
from mmdet3d.registry import MODELS

from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net
from cleaners.utils.checkpoint_writing import save_checkpoint

PARTS = ['backbone', 'head_2d', 'tsdf_encoder']


@pytest.fixture(autouse=True)
def no_traces_left():
    yield
    torch._dynamo.reset()


def to_double(inputs):
    return {
        key: value.double() if value.is_floating_point() else value
        for key, value in inputs.items()
    }


def inputs_of(net, part):
    """Return what a part of the network reads."""
    inputs = to_double(make_ssc_batch()[0])
    if part == 'tsdf_encoder':
        return inputs['tsdf']
    if part == 'backbone':
        return inputs['imgs']
    with torch.no_grad():
        return net.backbone(inputs['imgs'])


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('part', PARTS)
def test_a_part_is_one_graph(part, training):
    net = MODELS.build(tiny_ssc_net()).double().train(training)
    x = inputs_of(net, part)
    module = net.get_submodule(part)
    compiled = torch.compile(module, backend='eager', fullgraph=True)
    with torch.set_grad_enabled(training):
        torch.manual_seed(0)
        wanted = module(x)
        torch.manual_seed(0)
        torch.testing.assert_close(compiled(x), wanted, rtol=0, atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize('with_cp', [False, True])
def test_a_distillation_step_is_the_same(tmp_path, with_cp):
    teacher = MODELS.build(tiny_ssc_net())
    save_checkpoint(teacher.state_dict(), str(tmp_path / 'teacher.pth'))
    cfg = tiny_distiller(str(tmp_path / 'teacher.pth'))
    for part in ('head_2d', 'tsdf_encoder', 'decode_head'):
        cfg['student'][part]['with_cp'] = with_cp
    model = MODELS.build(cfg)
    model.load_teacher()
    model.double()
    start = copy.deepcopy(model.state_dict())
    inputs, samples = make_ssc_batch()

    def step(loss):
        torch.manual_seed(0)
        model.load_state_dict(start)
        model.zero_grad()
        losses = loss(to_double(inputs), samples)
        sum(losses.values()).backward()
        grads = {
            name: parameter.grad
            for name, parameter in model.named_parameters()
            if parameter.grad is not None
        }
        return losses, grads, copy.deepcopy(model.state_dict())

    wanted = step(model.loss)
    got = step(torch.compile(model.loss, backend='aot_eager'))
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-12)
