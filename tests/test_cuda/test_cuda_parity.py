"""A GPU computes what the authors' code computes, and what our CPU does."""

import numpy as np
import pytest
import torch
from golden_cases import (
    DTYPES,
    GOLDEN,
    batch_inputs,
    build_filled,
    difference_in_std,
    make_inputs,
)

from cleaners.apis.inference import build_network
from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net


@pytest.mark.parametrize('dtype, tolerance', [('float32', 1e-4), ('float64', 1e-9)])
@torch.no_grad()
def test_logits_are_the_golden_ones(device, dtype, tolerance, within):
    """Those of the authors' code, on a CPU; and ours there."""
    golden = np.load(GOLDEN / 'forward_tiny.npz')
    net = build_filled('tiny', int(golden['weights_seed']), dtype).to(device)
    arrays = make_inputs(int(golden['inputs_seed']), int(golden['batch']))
    inputs = {k: v.to(device) for k, v in batch_inputs(arrays, dtype).items()}
    found = net.decode(net.extract_feat(inputs)).cpu()
    difference = difference_in_std(golden, 'logits3d', dtype, found)
    within("GPU against the authors' code", 'logits3d', dtype, difference, tolerance)
    net.cpu()
    wanted = net.decode(net.extract_feat(batch_inputs(arrays, dtype)))
    difference = (found - wanted).abs().max() / wanted.std()
    within('GPU against CPU', 'logits3d (std)', dtype, difference, tolerance)


def losses_and_gradients(model, device):
    """One training step; dropout is off, so that nothing is drawn."""
    model = model.to(device)
    inputs, samples = make_ssc_batch()
    dtype = next(model.parameters()).dtype
    inputs = {
        k: (v.to(device, dtype) if v.is_floating_point() else v.to(device))
        for k, v in inputs.items()
    }
    losses = model.loss(inputs, [sample.to(device) for sample in samples])
    sum(losses.values()).backward()
    gradients = {
        name: p.grad.cpu() for name, p in model.named_parameters() if p.grad is not None
    }
    return {key: value.item() for key, value in losses.items()}, gradients


@pytest.fixture
def make_distiller(tmp_path):
    """Make equal students of one teacher, without what is drawn."""
    torch.manual_seed(0)
    quiet = dict(
        backbone=dict(tiny_ssc_net()['backbone'], drop_path_rate=0.0),
        head_2d=dict(tiny_ssc_net()['head_2d'], dropout=0.0),
        tsdf_encoder=dict(tiny_ssc_net()['tsdf_encoder'], dropout=0.0),
        decode_head=dict(type='SSCHead', dropout=0.0, flip_prob=0.0),
    )
    teacher = build_network(tiny_ssc_net(**quiet))
    torch.save(dict(state_dict=teacher.state_dict()), tmp_path / 'teacher.pth')
    cfg = tiny_distiller(str(tmp_path / 'teacher.pth'), **quiet)

    def make(dtype):
        torch.manual_seed(1)
        model = build_network(cfg)
        model.load_teacher()
        return model.to(DTYPES[dtype]).train()

    return make


@pytest.mark.parametrize('dtype, tolerance', [('float32', 1e-3), ('float64', 1e-9)])
def test_losses_and_gradients_of_a_step(device, make_distiller, dtype, tolerance):
    losses, gradients = losses_and_gradients(make_distiller(dtype), device)
    wanted, reference = losses_and_gradients(make_distiller(dtype), 'cpu')
    assert losses.keys() == wanted.keys() and len(losses) == 5
    for key, value in wanted.items():
        assert losses[key] == pytest.approx(value, rel=tolerance)
    assert gradients.keys() == reference.keys()
    whole = torch.cat([g.flatten() for g in reference.values()]).norm()
    for name, gradient in reference.items():
        assert (gradients[name] - gradient).norm() <= tolerance * whole, name


def test_a_step_gives_the_same_numbers_again(device, make_distiller):
    """What is scattered has one owner, whatever the order."""
    first, gradients = losses_and_gradients(make_distiller('float32'), device)
    second, again = losses_and_gradients(make_distiller('float32'), device)
    assert first == pytest.approx(second, rel=1e-6)
    whole = torch.cat([g.flatten() for g in gradients.values()]).norm()
    for name, gradient in gradients.items():
        assert (again[name] - gradient).norm() <= 1e-5 * whole, name
