"""One training step of CVSformer: loss, gradients, BatchNorm, update."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from cvsformer_cases import (
    batch_of,
    build_filled,
    cvsformer_cfg,
    golden_file,
    samples_of,
)
from golden_cases import at, first_update, relative, suffix
from golden_step import (
    checker,
    norms_of,
    relative_differences,
    running_statistics,
    stored_gradients,
)
from mmengine.optim import build_optim_wrapper

from cleaners.models.official_keys import pair_tensors, unused_shapes
from cvsformer.models.official_keys import CVSFORMER

# float32, float64
TOLERANCES = dict(
    loss=(1e-5, 1e-10),
    logits3d=(5e-4, 1e-8),
    total_grad_norm=(1e-3, 1e-9),
    grad_median=(1e-3, 1e-8),
    grad_each=(5e-2, 1e-8),
    grad_of_nothing=(1e-5, 1e-12),
    running=(2e-5, 1e-9),
    update_each=(5e-2, 1e-7),
)
slow = pytest.mark.slow
CASES = [
    pytest.param(('rotated', 'float32'), id='rotated-float32'),
    pytest.param(('rotated', 'float64'), id='rotated-float64', marks=slow),
    pytest.param(('public', 'float32'), id='public-float32', marks=slow),
    pytest.param(('public', 'float64'), id='public-float64', marks=slow),
]
ROTATED = [case for case in CASES if case.values[0][0] == 'rotated']


@pytest.fixture(scope='module', params=CASES)
def step(request):
    """Run one training step for the tests below; names are the authors'."""
    variant, dtype = request.param
    golden = json.loads(golden_file(request, 'train_step_tiny.json').read_text())
    net = build_filled('tiny', golden['weights_seed'], dtype, variant).train()
    wrapper = build_optim_wrapper(net, cvsformer_cfg('tiny', variant).optim_wrapper)
    case = golden['inputs_seed'], golden['batch']
    losses, logits = net.loss_and_logits(batch_of(*case, dtype), samples_of(*case))
    losses['loss_ssc'].backward()

    pairs = pair_tensors(net.state_dict(), CVSFORMER)
    theirs = {pair.ours: pair.theirs[0] for pair in pairs}
    parameters = {theirs[name]: p for name, p in net.named_parameters()}
    grads = {name: p.grad.clone() for name, p in parameters.items()}
    updates = first_update(parameters, wrapper) if variant == 'rotated' else None
    return SimpleNamespace(
        variant=variant,
        dtype=dtype,
        golden=golden,
        wanted=golden['variants'][variant],
        arrays=np.load(golden_file(request, 'train_step_tiny.npz')),
        losses={name: loss.item() for name, loss in losses.items()},
        logits=logits,
        parameters=parameters,
        grads=grads,
        buffers={
            theirs[name]: buffer
            for name, buffer in net.named_buffers()
            if name in theirs
        },
        groups=wrapper.optimizer.param_groups,
        updates=updates,
        unused=unused_shapes(pairs, CVSFORMER),
    )


@pytest.fixture
def check(step, within):
    """Check a difference of the step against its tolerance."""
    return checker(within, f'cvsformer_{step.variant}', step.dtype, TOLERANCES)


def test_loss(step, check):
    assert set(step.losses) == {'loss_ssc', 'ssc_labelled'}
    wanted = step.wanted['values' + suffix(step.dtype)]['loss']
    check('loss', relative(step.losses['loss_ssc'], wanted))


def test_logits(step, check):
    key = f'{step.variant}.logits3d'
    found = at(step.logits, step.arrays[f'{key}.idx'])
    wanted = step.arrays[f'{key}.val{suffix(step.dtype)}']
    check('logits3d', np.abs(found - wanted).max())


def test_gradient_norms(step, check):
    wanted = step.wanted['grad_norm' + suffix(step.dtype)]
    assert set(step.grads) == {n for n, v in wanted.items() if v is not None}
    found = norms_of(step.grads)
    nothing = step.wanted['zero_gradient']
    differences = list(relative_differences(found, wanted, nothing).values())
    check('grad_median', np.median(differences))
    check('grad_each', max(differences))
    for name in nothing:
        check('grad_of_nothing', found[name])
    total = np.linalg.norm(list(found.values()))
    stats = step.wanted['stats' + suffix(step.dtype)]
    check('total_grad_norm', relative(total, stats['total_grad_norm']))


def test_stored_gradients(step, check):
    differences = stored_gradients(step, f'{step.variant}.grad.')
    assert len(differences) == 24
    for difference in differences.values():
        check('grad_each', difference, 'stored gradients')


def test_running_statistics(step, check):
    differences = running_statistics(step, f'{step.variant}.bn.')
    assert len(differences) == 2 * 6
    for difference in differences.values():
        check('running', difference)


@pytest.mark.parametrize('step', ROTATED, indirect=True)
def test_first_update(step, check):
    """Clipped at 20, the config's rate, momentum and decay."""
    wanted = step.wanted['update_norm' + suffix(step.dtype)]
    nothing = step.wanted['zero_gradient']
    for difference in relative_differences(step.updates, wanted, nothing).values():
        check('update_each', difference)
    assert not any(v for n, v in wanted.items() if n not in step.updates)


@pytest.mark.parametrize('step', ROTATED[:1], indirect=True)
def test_which_parameters_decay(step):
    """By the authors' names, the ones that are never used among them."""
    names = {id(p): name for name, p in step.parameters.items()}
    counts = dict(decay=0, no_decay=0)
    for group in step.groups:
        assert group['lr'] == step.golden['lr']
        assert group['momentum'] == step.golden['momentum']
        for p in group['params']:
            name = names[id(p)]
            decays = not name.endswith('.bias') and '.bn' not in name
            assert group['weight_decay'] == decays * step.golden['weight_decay']
            counts['decay' if decays else 'no_decay'] += 1
    for name in step.unused:
        if not name.endswith(('running_mean', 'running_var', '_tracked')):
            decays = not name.endswith('.bias') and '.bn' not in name
            counts['decay' if decays else 'no_decay'] += 1
    assert counts == step.golden['groups']
