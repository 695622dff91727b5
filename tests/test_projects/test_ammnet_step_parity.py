"""One step of AMMNet's generator, and one of its discriminator."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from ammnet_cases import (
    LOSS_WEIGHT,
    as_samples,
    build_trainer,
    golden_file,
    make_fakes,
    named,
    read_golden,
    trainer_cfg,
)
from golden_cases import DTYPES, at, first_update, make_inputs, relative, suffix
from golden_step import (
    checker,
    norms_of,
    relative_differences,
    running_statistics,
    stored_gradients,
)
from mmengine.optim import build_optim_wrapper
from tiny_ammnet import seed_for

from cleaners.apis.losses import arrays_to_batch

slow = pytest.mark.slow
# what is plain is in the first iteration of test_ammnet_loop_parity.py
QUICK = (
    ('generator', 'all_aligned'),
    ('discriminator', 'all'),
    ('discriminator', 'plain'),
)
VARIANTS = dict(
    generator=(
        'plain',
        'flip_x',
        'flip_z',
        'perm_xz',
        'flip_x_perm',
        'all',
        'all_aligned',
    ),
    discriminator=('plain', 'all', 'all_aligned'),
)
CASES = [
    pytest.param(
        (part, variant, dtype),
        id=f'{part}-{variant}-{dtype}',
        marks=() if (part, variant) in QUICK and dtype == 'float32' else slow,
    )
    for dtype in DTYPES
    for part in VARIANTS
    for variant in VARIANTS[part]
]
# our loss: name in the goldens, its weight
LOSSES = dict(
    generator=dict(
        loss_ssc=('loss3d', 1.0),
        loss_2d=('loss2d', 0.25),
        loss_adv=('adv', LOSS_WEIGHT),
    ),
    discriminator={
        f'loss_{name}': (key, 1.0)
        for name, key in (
            ('real', 'real'),
            ('shuffled', 'shuffled'),
            ('erased', 'erased'),
            ('predicted', 'pred'),
        )
    },
)
# A BatchNorm follows, so that the true gradient is 0 and what comes out is
# rounding; AdamW then makes full-size updates of it.
NO_GRADIENT = {
    *(f'head.linear_c{i}.proj.bias' for i in range(1, 5)),
    *(f'TSDFNet.enc_tsdf.{i}.0.bias' for i in range(2)),
    *(f'complete.classify_semantic.{i}.0.bias' for i in range(2)),
    'complete.DownScale.2.bias',
    'complete.UpScale.0.bias',
    'complete.pre_layer_R12.bias',
}
TOLERANCES = dict(
    generator=dict(
        total_grad_norm=(5e-3, 1e-9),
        grad_median=(1e-2, 1e-8),
        grad_99=(5e-2, 1e-8),
        grad_each=(0.15, 1e-8),
    ),
    discriminator=dict(
        total_grad_norm=(2e-2, 1e-9),
        grad_median=(2e-2, 1e-8),
        grad_99=(0.2, 1e-8),
        grad_each=(0.2, 1e-8),
    ),
    both=dict(
        loss=(2e-5, 1e-9),
        verdict=(1e-3, 1e-9),
        logits3d=(2e-3, 1e-8),
        grad_of_nothing=(5e-5, 1e-12),
        running=(2e-4, 1e-9),
        update_median=(1e-3, 1e-7),
        update_each=(5e-2, 1e-7),
    ),
)


def run_losses(trainer, part, arrays):
    """Run the forward pass of a step.

    Returns:
        tuple[dict, Tensor]: The losses, and the generator's logits in the
        view that it drew.
    """
    logits = []
    hook = trainer.generator.decode_head.classifier.register_forward_hook(
        lambda module, args, output: logits.append(output.detach())
    )
    batch = arrays_to_batch(trainer, as_samples(arrays))
    run = dict(generator=trainer.loss, discriminator=trainer.discriminator_loss)
    losses = run[part](*batch)
    hook.remove()
    return losses, logits[0]


PLAIN = [case for case in CASES if case.values[0][1] == 'plain']
GENERATOR = [case for case in CASES if case.values[0][0] == 'generator']


@pytest.fixture(scope='module', params=CASES)
def step(request):
    """Run one step for the tests below; names are the authors'."""
    part, variant, dtype = request.param
    golden = read_golden('train_step_tiny.json')
    wanted = golden[part][variant]
    case = golden['inputs_seed'], golden['batch']
    trainer = build_trainer(
        'tiny',
        golden['weights_seed'],
        dtype,
        fakes=make_fakes(golden['fakes_seed'], *case),
        aligned=variant in ('plain', 'all_aligned'),
    ).train()
    wrapper = build_optim_wrapper(trainer, trainer_cfg('tiny').optim_wrapper)
    torch.manual_seed(seed_for(wanted['flip_x'], wanted['flip_z'], wanted['perm_xz']))
    losses, logits = run_losses(trainer, part, make_inputs(*case))
    sum(losses.values()).backward()

    parameters = named(trainer, 'parameters')
    trained = {n: p for n, p in parameters.items() if p.grad is not None}
    grads = {name: p.grad.clone() for name, p in trained.items()}
    buffers = {n: b.clone() for n, b in named(trainer, 'buffers').items()}
    updates = None
    if variant == 'plain':
        updates = first_update(trained, wrapper[part])
    return SimpleNamespace(
        case=f'ammnet_{part}',
        part=part,
        key=f'{part}.{variant}',
        dtype=dtype,
        wanted=wanted,
        arrays=np.load(golden_file(request, 'train_step_tiny.npz')),
        losses={name: loss.item() for name, loss in losses.items()},
        logits=logits,
        grads=grads,
        buffers=buffers,
        updates=updates,
    )


@pytest.fixture
def check(step, within):
    """Check a difference of the step against its tolerance."""
    tolerances = {**TOLERANCES['both'], **TOLERANCES[step.part]}
    return checker(within, step.case, step.dtype, tolerances)


def test_losses(step, check):
    """Verdicts by their absolute difference, the others by the relative."""
    values = step.wanted['values' + suffix(step.dtype)]
    losses = LOSSES[step.part]
    assert set(step.losses) == set(losses)
    if step.part == 'generator':
        total = relative(sum(step.losses.values()), values['total'])
        check('loss', total, 'losses (relative)')
    for name, (key, weight) in losses.items():
        found = step.losses[name] / weight
        if key in ('loss3d', 'loss2d'):
            check('loss', relative(found, values[key]), 'losses (relative)')
        else:
            check('verdict', abs(found - values[key]), 'verdicts (absolute)')


def test_gradient_norms(step, check):
    wanted = step.wanted['grad_norm' + suffix(step.dtype)]
    found = norms_of(step.grads)
    differences = list(relative_differences(found, wanted, NO_GRADIENT).values())
    for what, value in [
        ('grad_median', np.median(differences)),
        ('grad_99', np.quantile(differences, 0.99)),
        ('grad_each', max(differences)),
    ]:
        check(what, value, f'{what} (relative)')
    for name in NO_GRADIENT & set(found):
        check('grad_of_nothing', found[name], 'grad_of_nothing (absolute)')
    total = np.linalg.norm(list(found.values()))
    stats = step.wanted['stats' + suffix(step.dtype)]
    difference = relative(total, stats['total_grad_norm'])
    check('total_grad_norm', difference, 'total_grad_norm (relative)')


def test_the_same_parameters_get_gradients(step):
    """Of this part alone, none in the encoder, none that is never used."""
    wanted = step.wanted['grad_norm']
    assert set(step.grads) == {n for n, v in wanted.items() if v is not None}


@pytest.mark.parametrize('step', PLAIN, indirect=True)
def test_first_update(step, check):
    """Clipped at 10, AdamW at the config's rate and decay."""
    wanted = step.wanted['update_norm' + suffix(step.dtype)]
    differences = relative_differences(step.updates, wanted, NO_GRADIENT).values()
    check('update_median', np.median(list(differences)), 'update_median (relative)')
    check('update_each', max(differences), 'update_each (relative)')
    assert not any(v for n, v in wanted.items() if n not in step.updates)


@pytest.mark.parametrize('step', GENERATOR, indirect=True)
def test_logits_in_the_view_that_was_drawn(step, check):
    key = f'{step.key}.logits3d'
    found = at(step.logits, step.arrays[f'{key}.idx'])
    difference = np.abs(found - step.arrays[f'{key}.val{suffix(step.dtype)}'])
    check('logits3d', difference.max(), 'logits3d (absolute)')


def test_stored_gradients(step, check):
    differences = stored_gradients(step, f'{step.key}.grad.')
    assert len(differences) == dict(generator=20, discriminator=10)[step.part]
    for name in differences.keys() - NO_GRADIENT:
        check('grad_each', differences[name], 'stored gradients (relative)')


def test_running_statistics(step, check):
    """Of both networks: each pass moves its own."""
    differences = running_statistics(step, f'{step.key}.bn.')
    assert len(differences) == 2 * 8
    for difference in differences.values():
        check('running', difference, 'running statistics')
