"""One distillation step: losses, gradients, BatchNorm, first update."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from golden_cases import (
    DTYPES,
    at,
    distillation_cfg,
    filled_state,
    first_update,
    golden_folder,
    make_inputs,
    relative,
    suffix,
)
from golden_step import (
    checker,
    norms_of,
    relative_differences,
    running_statistics,
    stored_gradients,
)
from mmengine.optim import build_optim_wrapper

from cleaners.apis import init_ssc_distiller, ssc_losses
from cleaners.apis.inference import build_network
from cleaners.models.official_keys import pair_tensors, unused_shapes

VARIANTS = dict(
    tiny=('no_flip', 'flip_xz', 'flip_x', 'flip_z'), b2=('no_flip', 'flip_xz')
)


def _marks_of(size, variant, dtype):
    if (size, dtype) != ('tiny', 'float32'):
        return pytest.mark.slow
    return () if variant in VARIANTS['b2'] else pytest.mark.long


CASES = [
    pytest.param(
        (size, variant, dtype),
        id=f'{size}-{variant}-{dtype}',
        marks=_marks_of(size, variant, dtype),
    )
    for size in VARIANTS
    for dtype in DTYPES
    for variant in VARIANTS[size]
]
# our loss: name and weight in the goldens
LOSSES = dict(
    loss_ssc=('loss3d', 'loss3d'),
    loss_2d=('loss2d', 'loss2d'),
    loss_kd_surface=('kd_t', 'kd'),
    loss_kd_center=('kd_sc', 'kd'),
    loss_kd_affinity=('kd_sa', 'kd'),
)
# A BatchNorm follows, so that the true gradient is 0 and what comes out is
# rounding; AdamW then makes full-size updates of it.
NO_GRADIENT = {
    *(f'head.linear_c{i}.proj.bias' for i in range(1, 5)),
    *(f'TSDFNet.enc_tsdf.{i}.0.bias' for i in range(2)),
    *(f'complete.classify_semantic.{i}.0.bias' for i in range(2)),
}
TOLERANCES = dict(
    loss=(2e-5, 1e-9),
    logits3d=(2e-3, 1e-8),
    total_grad_norm=(5e-3, 1e-9),
    grad_median=(5e-3, 1e-8),
    grad_99=(3e-2, 1e-8),
    grad_each=(0.1, 1e-8),
    grad_oper1=(0.25, 1e-8),
    grad_of_nothing=(5e-5, 1e-12),
    running=(5e-5, 1e-9),
    update_median=(1e-3, 1e-6),
    update_each=(5e-2, 1e-6),
)


def seed_for(flip_x, flip_z):
    """Return a seed with which the head draws these flips."""
    for seed in itertools.count():
        torch.manual_seed(seed)
        if (torch.rand(2) < 0.5).tolist() == [flip_x, flip_z]:
            return seed


def build_step(golden, size, dtype, folder):
    """Return the config and the filled distiller, in training mode."""
    cfg = distillation_cfg(size)
    teacher = build_network(cfg.model.teacher)
    path = folder / 'teacher.pth'
    torch.save(filled_state(teacher, golden['teacher_weights_seed']), path)
    model = init_ssc_distiller(cfg, teacher_ckpt=str(path))
    path.unlink()
    model.load_state_dict(filled_state(model.student, golden['weights_seed']))
    return cfg, model.to(DTYPES[dtype])


def backward(model, arrays, flips):
    """Run forward and backward.

    Returns:
        tuple[dict, Tensor]: The losses, and the logits before they are
        flipped back.
    """
    unflipped = []
    hook = model.student.decode_head.classifier.register_forward_hook(
        lambda module, args, output: unflipped.append(output.detach())
    )
    torch.manual_seed(seed_for(*flips))
    losses = ssc_losses(model, arrays)
    sum(losses.values()).backward()
    hook.remove()
    return {name: loss.item() for name, loss in losses.items()}, unflipped[0]


@pytest.fixture(scope='module', params=CASES)
def step(request, tmp_path_factory):
    """Run one training step for the tests below; names are the authors'."""
    size, variant, dtype = request.param
    folder = golden_folder(request, size)
    golden = json.loads((folder / f'train_step_{size}.json').read_text())
    wanted = golden['variants'][variant]
    cfg, model = build_step(golden, size, dtype, tmp_path_factory.mktemp('t'))
    losses, logits = backward(
        model,
        make_inputs(golden['inputs_seed'], golden['batch']),
        (wanted['flip_x'], wanted['flip_z']),
    )

    pairs = pair_tensors(model.student.state_dict())
    theirs = {pair.ours: pair.theirs[0] for pair in pairs}
    named = list(model.student.named_parameters())
    trained = {theirs[name]: p for name, p in named if p.grad is not None}
    grads = {name: p.grad.clone() for name, p in trained.items()}
    buffers = {
        theirs[name]: buffer.clone()
        for name, buffer in model.student.named_buffers()
        if name in theirs
    }
    updates = None
    if variant == 'no_flip':
        wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
        updates = first_update(trained, wrapper)
    return SimpleNamespace(
        case=f'train_{size}',
        variant=variant,
        dtype=dtype,
        wanted=wanted,
        weights=golden['weights'],
        arrays=np.load(folder / f'train_step_{size}.npz'),
        losses=losses,
        logits=logits,
        grads=grads,
        buffers=buffers,
        updates=updates,
        unused=set(unused_shapes(pairs)),
    )


@pytest.fixture
def check(step, within):
    """Check a difference of the step against its tolerance."""
    return checker(within, step.case, step.dtype, TOLERANCES)


def test_losses(step, check):
    values = step.wanted['values' + suffix(step.dtype)]
    assert set(step.losses) == set(LOSSES)
    for name, (golden, weight) in LOSSES.items():
        wanted = step.weights[weight] * values[golden]
        check('loss', relative(step.losses[name], wanted), 'losses (relative)')
    total = relative(sum(step.losses.values()), values['total'])
    check('loss', total, 'losses (relative)')


def test_logits_before_they_are_flipped_back(step, check):
    key = f'{step.variant}.logits3d'
    found = at(step.logits, step.arrays[f'{key}.idx'])
    difference = np.abs(found - step.arrays[f'{key}.val{suffix(step.dtype)}'])
    check('logits3d', difference.max(), 'logits3d (absolute)')


def test_gradient_norms(step, check):
    wanted = step.wanted['grad_norm' + suffix(step.dtype)]
    found = norms_of(step.grads)
    differences = relative_differences(found, wanted, NO_GRADIENT)
    stem = [v for n, v in differences.items() if 'oper1.1.' in n]
    others = [v for n, v in differences.items() if 'oper1.1.' not in n]
    for what, value in [
        ('grad_median', np.median(others)),
        ('grad_99', np.quantile(others, 0.99)),
        ('grad_each', max(others)),
        ('grad_oper1', max(stem)),
    ]:
        check(what, value, f'{what} (relative)')
    for name in NO_GRADIENT:
        check('grad_of_nothing', found[name], 'grad_of_nothing (absolute)')
    total = np.linalg.norm(list(found.values()))
    stats = step.wanted['stats' + suffix(step.dtype)]
    difference = relative(total, stats['total_grad_norm'])
    check('total_grad_norm', difference, 'total_grad_norm (relative)')


def test_the_same_parameters_get_gradients(step):
    """None in the frozen encoder, and theirs never uses what ours lacks."""
    wanted = step.wanted['grad_norm']
    assert set(step.grads) == {n for n, v in wanted.items() if v is not None}
    without = {n for n, v in wanted.items() if v is None}
    assert {n for n in without if not n.startswith('encoder.')} == {
        n for n in step.unused if n.endswith(('.weight', '.bias'))
    }


def test_stored_gradients(step, check):
    differences = stored_gradients(step, f'{step.variant}.grad.')
    assert len(differences) == 10
    # the others are rounding, seen by their norms above
    for name in differences.keys() - NO_GRADIENT:
        check('grad_each', differences[name], 'stored gradients (relative)')


def test_running_statistics(step, check):
    differences = running_statistics(step, f'{step.variant}.bn.')
    assert len(differences) == 10
    for difference in differences.values():
        check('running', difference, 'running statistics')
    counters = [v for n, v in step.buffers.items() if n.endswith('_tracked')]
    assert counters and all(int(counter) == 1 for counter in counters)


@pytest.mark.parametrize(
    'step', [case for case in CASES if 'no_flip' in case.id], indirect=True
)
def test_first_update(step, check):
    """Clipped at 10, AdamW at the config's rate and decay."""
    wanted = step.wanted['update_norm' + suffix(step.dtype)]
    differences = relative_differences(step.updates, wanted, NO_GRADIENT).values()
    check('update_median', np.median(list(differences)), 'update_median (relative)')
    check('update_each', max(differences), 'update_each (relative)')
    assert not any(v for n, v in wanted.items() if n not in step.updates)
