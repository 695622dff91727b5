"""One training step of 3D-Sketch: losses, gradients, BatchNorm."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from golden_cases import at, make_inputs, relative, suffix
from golden_step import (
    checker,
    norms_of,
    relative_differences,
    running_statistics,
    stored_gradients,
)
from sketch3d_cases import build_filled, golden_file, make_latents

from cleaners.apis.losses import arrays_to_batch
from cleaners.models.official_keys import pair_tensors, unused_shapes
from sketch3d.models.official_keys import SKETCH3D

# our loss: name and weight in the goldens
LOSSES = dict(
    loss_ssc=('semantic', 'semantic'),
    loss_sketch_raw=('sketch_raw', 'sketch_raw'),
    loss_sketch_posterior=('sketch_posterior', 'sketch_posterior'),
    loss_sketch_prior=('sketch_prior', 'sketch_prior'),
    loss_sketch_kl=('kl', 'kl'),
)
# our feature: name in the goldens
OUTPUTS = dict(
    logits='logits3d',
    sketch_raw='sketch_raw',
    sketch_prior='sketch_prior',
    sketch_posterior='sketch_posterior',
    sketch_mean='mean',
    sketch_log_var='log_var',
)
# float32, float64; outputs, not in the goldens' table, are in std
TOLERANCES = dict(
    loss=(2e-5, 1e-9),
    output=(5e-4, 1e-9),
    total_grad_norm=(2e-2, 1e-9),
    grad_median=(2e-2, 1e-8),
    grad_each=(0.2, 1e-8),
    grad_of_nothing=(1e-5, 1e-12),
    running=(5e-5, 1e-9),
)
CASES = [
    pytest.param('float32', id='tiny-float32'),
    pytest.param('float64', id='tiny-float64', marks=pytest.mark.slow),
]


class FedNormals:
    """Gives the draws of the goldens in the place of ``torch.randn_like``."""

    def __init__(self, seed, batch, dtype):
        noise, latents = (
            make_latents(seed, batch, dtype, kind) for kind in ('eps', 'z')
        )
        self.draws = [draw for pair in zip(noise, latents) for draw in pair]

    def __call__(self, like, **kwargs):
        draw = self.draws.pop(0)
        assert draw.shape == like.shape and draw.dtype == like.dtype
        return draw


def run_step(net, inputs, samples):
    """Run forward and backward; losses, and the tensors of the goldens."""
    outputs = {}
    hooks = [
        net.tsdf_encoder.register_forward_hook(
            lambda _, args, feats: outputs.update(feats)
        ),
        net.decode_head.register_forward_hook(
            lambda _, args, logits: outputs.update(logits=logits)
        ),
    ]
    losses = net(inputs, samples, mode='loss')
    losses.pop('ssc_labelled')  # no loss: it is for the log
    sum(losses.values()).backward()
    for hook in hooks:
        hook.remove()
    return losses, outputs


@pytest.fixture(scope='module', params=CASES)
def step(request):
    """Run one training step for the tests below; names are the authors'."""
    dtype = request.param
    golden = json.loads(golden_file(request, 'train_step_tiny.json').read_text())
    seed, batch = golden['inputs_seed'], golden['batch']
    net = build_filled('tiny', golden['weights_seed'], dtype).train()
    inputs, samples = arrays_to_batch(net, make_inputs(seed, batch))
    draws = FedNormals(seed, batch, dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, 'randn_like', draws)
        losses, outputs = run_step(net, inputs, samples)
    assert not draws.draws
    pairs = pair_tensors(net.state_dict(), SKETCH3D)
    theirs = {pair.ours: pair.theirs[0] for pair in pairs}
    return SimpleNamespace(
        dtype=dtype,
        golden=golden,
        arrays=np.load(golden_file(request, 'train_step_tiny.npz')),
        losses={name: loss.item() for name, loss in losses.items()},
        outputs=outputs,
        grads={
            theirs[name]: parameter.grad
            for name, parameter in net.named_parameters()
            if parameter.grad is not None
        },
        buffers={
            theirs[name]: buffer
            for name, buffer in net.named_buffers()
            if name in theirs
        },
        unused=set(unused_shapes(pairs, SKETCH3D)),
    )


@pytest.fixture
def check(step, within):
    """Check a difference of the step against its tolerance."""
    return checker(within, 'sketch3d_step', step.dtype, TOLERANCES)


def test_losses(step, check):
    values = step.golden['values' + suffix(step.dtype)]
    assert set(step.losses) == set(LOSSES)
    for name, (golden, weight) in LOSSES.items():
        wanted = step.golden['weights'][weight] * values[golden]
        check('loss', relative(step.losses[name], wanted))
    check('loss', relative(sum(step.losses.values()), values['total']))


def test_outputs(step, check):
    """The logits and the latent, in training mode."""
    for ours, name in OUTPUTS.items():
        end = suffix(step.dtype)
        found = at(step.outputs[ours], step.arrays[f'{name}.idx'])
        difference = np.abs(found - step.arrays[f'{name}.val{end}']).max()
        check('output', difference / step.arrays[f'{name}.std{end}'], f'{name} (std)')


def test_gradient_norms(step, check):
    wanted = step.golden['grad_norm' + suffix(step.dtype)]
    found = norms_of(step.grads)
    nothing = step.golden['zero_gradient']
    differences = list(relative_differences(found, wanted, nothing).values())
    check('grad_median', np.median(differences))
    check('grad_each', max(differences))
    for name in nothing:
        check('grad_of_nothing', found[name])
    total = np.linalg.norm(list(found.values()))
    stats = step.golden['stats' + suffix(step.dtype)]
    check('total_grad_norm', relative(total, stats['total_grad_norm']))


def test_the_same_parameters_get_gradients(step):
    """None in the frozen backbone; theirs never uses what ours lacks."""
    norms = step.golden['grad_norm']
    assert set(step.grads) == {n for n, v in norms.items() if v is not None}
    unused = {n for n in step.unused if n.endswith(('.weight', '.bias'))}
    assert unused == set(step.golden['never_used'])


def test_stored_gradients(step, check):
    differences = stored_gradients(step)
    assert len(differences) == 18
    for difference in differences.values():
        check('grad_each', difference, 'stored gradients')


def test_running_statistics(step, check):
    """The decoder runs eight times, the posterior and the prior in turn."""
    differences = running_statistics(step)
    assert len(differences) == 2 * 7
    for difference in differences.values():
        check('running', difference)
