"""Each loss and its gradients, with the edge cases."""

import functools
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from golden_cases import DTYPES, GOLDEN, at, distillation_cfg, suffix
from golden_inputs import cases
from golden_inputs.scenes import GRID
from mmdet3d.registry import MODELS

GOLDENS = json.loads((GOLDEN / 'loss_small.json').read_text())
VALUE_TOLERANCE = dict(float32=1e-5, float64=1e-11)
GRADIENT_TOLERANCE = dict(float32=1e-5, float64=1e-10)
# our loss: name and weight in the goldens
LOSSES = dict(
    loss_2d=('ce2d', 'ce2d'),
    loss_ssc=('ce3d', 'ce3d'),
    loss_kd_surface=('kd_t', 'kd'),
    loss_kd_center=('kd_sc', 'kd'),
    loss_kd_affinity=('kd_sa', 'kd'),
)
STUDENT = dict(logits3d='student3d', feat='student_feat', logits2d='student2d')


@functools.lru_cache(maxsize=1)
def make_case(name):
    return cases.make_loss_case(
        name, GOLDENS['seed'], GOLDENS['batch'], GOLDENS['channels']
    )


@functools.lru_cache(maxsize=1)
def build_losses():
    """Build heads and distillation losses of the headline config."""
    model = MODELS.build(distillation_cfg('tiny').model)
    return SimpleNamespace(
        head_2d=model.student.head_2d,
        head=model.student.decode_head,
        surface=model.kd_surface,
        center=model.kd_center,
        affinity=model.kd_affinity,
    )


def compute(arrays, dtype):
    """Return the weighted losses and the student's leaves."""
    grid = GRID
    tensors = {key: torch.from_numpy(value) for key, value in arrays.items()}
    leaves = {
        name: tensors[key].to(DTYPES[dtype]).requires_grad_()
        for name, key in STUDENT.items()
    }
    teacher3d = tensors['teacher3d'].to(DTYPES[dtype])
    teacher_feat = tensors['teacher_feat'].to(DTYPES[dtype])
    label = tensors['label'].reshape(-1, *grid)
    truth = label, tensors['label_weight'].reshape(-1, *grid)
    build = build_losses()
    pair = leaves['logits3d'], teacher3d
    losses = dict(
        **build.head_2d.loss_by_feat(leaves['logits2d'], tensors['mapping2d'], label),
        **build.head.loss_by_feat(leaves['logits3d'], *truth),
        loss_kd_surface=build.surface(leaves['feat'], teacher_feat),
        loss_kd_center=build.center(*pair, *truth),
        loss_kd_affinity=build.affinity(*pair, *truth),
    )
    return losses, leaves


@pytest.fixture(
    scope='module',
    params=[(case, dtype) for case in cases.LOSS_CASES for dtype in DTYPES],
    ids=lambda param: '-'.join(param),
)
def computed(request):
    """Compute one case once for the tests below."""
    case, dtype = request.param
    losses, leaves = compute(make_case(case), dtype)
    return SimpleNamespace(
        case=case,
        dtype=dtype,
        losses=losses,
        leaves=leaves,
        wanted=GOLDENS['cases'][case],
    )


def finite_values(wanted, end):
    """Return the golden values; a frame without a centre counts 0.

    The authors' code gives NaN there, and divides by the batch size all the
    same.
    """
    values = {k: float(v) for k, v in wanted[f'values{end}'].items()}
    for name, rows in wanted[f'per_sample{end}'].items():
        rows = [float(row) for row in rows]
        rows = [0.0 if math.isnan(row) else row for row in rows]
        values[name] = sum(rows) / len(rows)
    return values


def test_values(computed, within):
    values = finite_values(computed.wanted, suffix(computed.dtype))
    assert set(computed.losses) == set(LOSSES)
    for name, (golden, weight) in LOSSES.items():
        found = computed.losses[name].item() / GOLDENS['weights'][weight]
        within(
            'loss_small',
            f'{golden} (relative)',
            computed.dtype,
            abs(found / values[golden] - 1),
            VALUE_TOLERANCE[computed.dtype],
        )


def test_total(computed, within):
    """The sum of our dictionary is what the authors' loop minimises."""
    total = float(computed.wanted['values' + suffix(computed.dtype)]['total'])
    found = sum(computed.losses.values()).item()
    assert math.isfinite(found)
    if math.isnan(total):
        assert computed.case in ('empty_only', 'no_weight')
        return
    within(
        'loss_small',
        'total (relative)',
        computed.dtype,
        abs(found / total - 1),
        VALUE_TOLERANCE[computed.dtype],
    )


def check_gradients(computed, within, prefix, loss, names):
    dtype, end = computed.dtype, suffix(computed.dtype)
    gradients = torch.autograd.grad(
        loss, [computed.leaves[name] for name in names], retain_graph=True
    )
    with np.load(GOLDEN / 'loss_small.npz') as arrays:
        for name, gradient in zip(names, gradients):
            key = f'{prefix}_grad_{name}'
            norm = computed.wanted[f'grad_norm{end}'][key]
            index = arrays[f'{computed.case}.{key}.idx']
            wanted = arrays[f'{computed.case}.{key}.val{end}']
            difference = np.linalg.norm(at(gradient, index) - wanted)
            found = float(gradient.double().norm())
            within(
                'loss_small',
                f'{key} (of its norm)',
                dtype,
                max(difference, abs(found - norm)) / norm,
                GRADIENT_TOLERANCE[dtype],
            )


def test_gradients_of_the_distillation(computed, within):
    weight = GOLDENS['weights']['kd']
    loss = sum(computed.losses[name] for name in LOSSES if name.startswith('loss_kd'))
    check_gradients(computed, within, 'kd', loss / weight, ['logits3d', 'feat'])


def test_gradients_of_the_total(computed, within):
    check_gradients(
        computed, within, 'total', sum(computed.losses.values()), list(STUDENT)
    )


@pytest.mark.parametrize('dtype', DTYPES)
def test_a_batch_without_anything_to_learn_from(dtype):
    """No weighted voxel and no mapped pixel: finite, and no gradient."""
    arrays = dict(make_case('base'))
    arrays['label_weight'] = np.zeros_like(arrays['label_weight'])
    arrays['mapping2d'] = np.full_like(arrays['mapping2d'], -1)
    losses, leaves = compute(arrays, dtype)
    assert all(math.isfinite(loss.item()) for loss in losses.values())
    gradients = torch.autograd.grad(
        sum(losses[name] for name in LOSSES if name != 'loss_kd_surface'),
        [leaves['logits3d'], leaves['logits2d']],
    )
    assert not any(gradient.any() for gradient in gradients)
