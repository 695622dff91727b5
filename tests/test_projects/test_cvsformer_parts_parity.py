"""CVSformer's turned convolution and its loss, each alone."""

import functools
import json

import numpy as np
import pytest
import torch
from cvsformer_cases import cvsformer_cfg, golden_file
from golden_cases import DTYPES, at, relative, suffix
from golden_inputs import cases, cvsformer_inputs
from golden_inputs.streams import Streams
from golden_inputs.weights import fill_tensor
from mmdet3d.registry import MODELS

from cvsformer.models.layers import TurnedConv3d
from cvsformer.models.layers.turned_taps import public_neighbours, tap_matrix

ANGLES = (45, 90, 135)
GRID = (15, 9, 15)
# of the largest value; float32, float64
TURNED = (1e-5, 1e-12)
LOSS = (1e-5, 1e-11)
LOSS_CASES = [
    pytest.param(
        (case, dtype),
        id=f'{case}-{dtype}',
        # the first is the one that the way of taking the mean shows in
        marks=pytest.mark.slow if dtype == 'float64' and n else (),
    )
    for n, case in enumerate(('ignore_inside', 'base', 'absent_class', 'no_weight'))
    for dtype in DTYPES
]


@pytest.fixture(scope='module')
def rotation(request):
    return np.load(golden_file(request, 'rotation_small.npz'))


@pytest.mark.parametrize('degrees', ANGLES)
def test_taps_of_the_public_code(rotation, degrees):
    """Bit for bit; ours are the same to its precision."""
    neighbours, weights = public_neighbours(degrees, GRID)
    assert neighbours.shape == (2025, 27, 8)
    assert (weights.numpy() == rotation[f'weights{degrees}']).all()
    wanted = cvsformer_inputs.tap_matrix(degrees).reshape(27, 5, 5, 3)
    ours = tap_matrix(degrees).numpy()
    edge = (5 - ours.shape[1]) // 2
    padded = np.pad(ours, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    np.testing.assert_allclose(padded, wanted, rtol=0, atol=1e-14)
    assert (padded != 0).sum() == (27 if degrees == 90 else 75)


@pytest.mark.parametrize('degrees', [0, *ANGLES])
def test_some_taps_of_the_public_code_miss_their_voxel(degrees):
    """At 90 degrees 12 of 27, in 31.8 % of all cases."""
    neighbours, weights = public_neighbours(degrees, GRID)
    volume = torch.rand(2025, dtype=torch.double)
    read = (torch.cat((volume, volume[:1] * 0))[neighbours] * weights).sum(-1)
    taps = tap_matrix(degrees).flatten(1)
    reach = [size // 2 for size in tap_matrix(degrees).shape[1:]]
    padded = torch.nn.functional.pad(
        volume.view(GRID), [n for size in reach[::-1] for n in (size, size)]
    )
    for axis, size in enumerate(reach):
        padded = padded.unfold(axis, 2 * size + 1, 1)
    wanted = padded.reshape(2025, -1) @ taps.T
    misses = (read - wanted).abs() > 1e-4
    if degrees != 90:
        assert not misses.any()
        return
    assert misses.any(0).sum() == 12
    assert misses.float().mean() == pytest.approx(0.318, abs=2e-3)
    assert misses.any(1).float().mean() == pytest.approx(0.93, abs=5e-3)


@pytest.mark.parametrize('dtype', DTYPES)
@pytest.mark.parametrize('mode', ['rotated', 'planes', 'public'])
def test_turned_convolution(rotation, mode, dtype, within):
    """Output, and gradients of input and weight."""
    seeds = int(rotation['inputs_seed']), int(rotation['weights_seed'])
    shape = (2, 8, *GRID)
    for degrees in ANGLES:
        conv = TurnedConv3d(8, 6, degrees, GRID, mode)
        for name, parameter in conv.named_parameters():
            named = f'rotation{degrees}.{name}', parameter.shape, seeds[1]
            parameter.data = torch.from_numpy(fill_tensor(*named))
        conv = conv.to(DTYPES[dtype])
        x, grad = (
            torch.from_numpy(Streams(seeds[0]).normal(f'rotation/{name}', size))
            .float()  # as they were rounded
            .to(DTYPES[dtype])
            for name, size in (('x', shape), ('grad', (2, 6, *GRID)))
        )
        out = conv(x.requires_grad_())
        out.backward(grad)
        results = dict(out=out, grad_x=x.grad, grad_w=conv.weight.grad)
        for name, found in results.items():
            key = f'{mode}.{name}{degrees}'
            if f'{key}.idx' not in rotation:
                assert mode == 'planes' and name != 'out'
                continue
            wanted = rotation[f'{key}.val{suffix(dtype)}']
            difference = np.abs(at(found, rotation[f'{key}.idx']) - wanted).max()
            within(
                'cvsformer_turned',
                f'{mode} (of the largest)',
                dtype,
                difference / found.detach().abs().max(),
                TURNED[dtype == 'float64'],
            )
            norm = float(found.detach().double().norm())
            assert relative(norm, rotation[f'{key}.norm{suffix(dtype)}']) < 1e-6


@functools.lru_cache(maxsize=1)
def make_loss_case(name, seed):
    """Return a case of the losses, made once."""
    return cases.make_loss_case(name, seed, channels=4)


@pytest.fixture(scope='module', params=LOSS_CASES)
def loss_case(request):
    """The published head's loss on given logits, with its gradient."""
    name, dtype = request.param
    golden = json.loads(golden_file(request, 'loss_small.json').read_text())
    case = make_loss_case(name, golden['inputs_seed'])
    cfg = cvsformer_cfg('tiny', 'rotated').model
    head = MODELS.build(
        dict(cfg.decode_head, channels=8, num_classes=12, grid_size=(12, 12, 12))
    )
    logits = torch.from_numpy(case['student3d']).to(DTYPES[dtype]).requires_grad_()
    label, weight = (
        torch.from_numpy(case[key]).view(-1, *logits.shape[2:])
        for key in ('label', 'label_weight')
    )
    losses = head.loss_by_feat(logits, label.long(), weight)
    assert set(losses) == {'loss_ssc', 'ssc_labelled'}
    losses['loss_ssc'].backward()
    values = golden['cases'][name][f'values{suffix(dtype)}']
    selected = label[weight]
    assert (len(selected), int((selected == 255).sum())) == (
        values['selected'],
        values['selected_255'],
    )
    return name, dtype, losses, logits.grad, values


def test_loss(loss_case, within):
    _, dtype, losses, grad, values = loss_case
    tolerance = LOSS[dtype == 'float64']
    difference = relative(losses['loss_ssc'].item(), values['loss'])
    within('cvsformer_loss', 'loss (relative)', dtype, difference, tolerance)
    # what is logged beside it
    difference = relative(losses['ssc_labelled'].item(), values['loss_over_labelled'])
    within('cvsformer_loss', 'loss over labelled', dtype, difference, tolerance)
    difference = relative(float(grad.double().norm()), values['grad_norm'])
    within('cvsformer_loss', 'gradient norm (relative)', dtype, difference, tolerance)


def test_gradient_of_the_loss(loss_case, request, within):
    name, dtype, _, grad, _ = loss_case
    arrays = np.load(golden_file(request, 'loss_small.npz'))
    wanted = arrays[f'{name}.grad.val{suffix(dtype)}']
    found = at(grad, arrays[f'{name}.grad.idx'])
    difference = np.abs(found - wanted).max() / np.abs(wanted).max()
    within(
        'cvsformer_loss',
        'gradient (of the largest)',
        dtype,
        difference,
        LOSS[dtype == 'float64'],
    )
