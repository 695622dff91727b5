"""The fast layers compute what the plain ones do."""

import copy
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn as nn

from cleaners.models.layers import FoldedSequential, GridPool3d, MaskDropout, run_layer
from cleaners.models.layers import volume_norm_kernels as kernels
from cleaners.models.layers.conv_transpose3d import ConvTranspose3d
from cleaners.models.layers.volume_norm import batch_statistics, volume_norm

CHANNELS_LAST = torch.channels_last_3d


def randomize(norm):
    """Give a BatchNorm values that a mistake cannot hide behind."""
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    return norm


def layer_cases():
    conv2d = nn.Conv2d(4, 6, 3, padding=1, groups=2)
    conv3d = nn.Conv3d(4, 6, (1, 3, 1), (1, 2, 1), (0, 3, 0), (1, 3, 1), bias=False)
    transposed = nn.ConvTranspose3d(4, 6, 3, 2, 1, output_padding=1)
    return [
        pytest.param(conv2d, nn.BatchNorm2d(6), (2, 4, 8, 6), id='conv2d'),
        pytest.param(conv3d, nn.BatchNorm3d(6), (2, 4, 6, 8, 4), id='conv3d'),
        pytest.param(transposed, nn.BatchNorm3d(6), (2, 4, 3, 2, 4), id='transposed'),
    ]


@pytest.mark.parametrize('conv, norm, shape', layer_cases())
def test_folded_layers_equal_the_plain_ones(conv, norm, shape):
    layers = [nn.Identity(), conv, randomize(norm), nn.ReLU()]
    fast = FoldedSequential(*layers).double().eval()
    plain = nn.Sequential(*layers).eval()
    assert fast.state_dict().keys() == plain.state_dict().keys()
    x = torch.randn(shape, dtype=torch.double)
    with torch.no_grad():
        torch.testing.assert_close(fast(x), plain(x), rtol=0, atol=1e-13)


@pytest.mark.parametrize('training', [True, False])
def test_a_norm_without_weights_is_left_to_torch(training):
    norm = nn.BatchNorm3d(6, affine=False)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    layers = [nn.Conv3d(4, 6, 3, padding=1), norm, nn.ReLU()]
    plain = nn.Sequential(*copy.deepcopy(layers)).train(training)
    fast = FoldedSequential(*layers).train(training)
    x = torch.randn(2, 4, 6, 4, 6).contiguous(memory_format=CHANNELS_LAST)
    with torch.no_grad():
        torch.testing.assert_close(fast(x), plain(x), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(fast.state_dict(), plain.state_dict())


def test_folding_leaves_no_trace_and_follows_the_weights():
    block = FoldedSequential(nn.Conv3d(2, 3, 1), randomize(nn.BatchNorm3d(3)))
    before = copy.deepcopy(block.state_dict())
    x = torch.randn(1, 2, 4, 4, 4)
    with torch.no_grad():
        first = block.eval()(x)
        assert all(torch.equal(before[k], v) for k, v in block.state_dict().items())
        block[1].bias += 1
        torch.testing.assert_close(block(x), first + 1)


def test_gradients_flow_in_eval_mode():
    block = FoldedSequential(nn.Conv3d(2, 3, 1), nn.BatchNorm3d(3)).eval()
    block(torch.randn(1, 2, 4, 4, 4)).sum().backward()
    assert block[0].weight.grad.abs().sum() > 0
    assert block[1].weight.grad.abs().sum() > 0


# kernel, stride, size: where oneDNN's bfloat16 weight gradient takes in
# memory behind the input: with AVX-512, and with AMX too
@pytest.mark.parametrize(
    'kernel, stride, size',
    [
        ((3, 1, 1), (1, 1, 1), (2, 1, 3)),
        ((1, 1, 3), (1, 1, 2), (4, 4, 1)),
    ],
)
def test_kernels_longer_than_the_volume_leave_bfloat16(kernel, stride, size):
    torch.manual_seed(0)
    padding = tuple(length // 2 for length in kernel)
    block = FoldedSequential(nn.Conv3d(64, 64, kernel, stride, padding, bias=False))
    exact = copy.deepcopy(block).double()
    x = torch.randn(2, 64, *size).bfloat16()
    with torch.autocast('cpu', torch.bfloat16):
        out = block(x)
    wanted = exact(x.double())
    grad = torch.randn(out.shape).bfloat16()
    out.backward(grad)
    wanted.backward(grad.double())
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.double(), wanted, rtol=1 / 256, atol=1e-5)
    # bfloat16 would be off by 0.03, where it is right
    torch.testing.assert_close(
        block[0].weight.grad.double(), exact[0].weight.grad, rtol=0, atol=1e-4
    )


def test_a_folded_convolution_leaves_bfloat16_too():
    """As a teacher runs; with AMX this output was garbage."""
    torch.manual_seed(0)
    conv = nn.Conv3d(64, 64, (1, 1, 3), (1, 1, 2), (0, 0, 1), bias=False)
    block = FoldedSequential(conv, randomize(nn.BatchNorm3d(64))).eval()
    x = torch.randn(2, 64, 6, 6, 2).bfloat16()
    with torch.no_grad():
        with torch.autocast('cpu', torch.bfloat16):
            out = block(x)
        wanted = block.double()(x.double())
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.double(), wanted, rtol=1 / 256, atol=1e-5)


@pytest.mark.parametrize('relu', [True, False])
@pytest.mark.parametrize('momentum', [0.1, None])
def test_volume_norm_equals_batchnorm(relu, momentum):
    ours = randomize(nn.BatchNorm3d(5, momentum=momentum)).double()
    theirs = copy.deepcopy(ours)
    x = torch.randn(2, 5, 6, 4, 8, dtype=torch.double) * 3 + 2
    for _ in range(2):  # so that the running statistics go on
        a, b = (x.clone().requires_grad_() for _ in range(2))
        out = volume_norm(a.contiguous(memory_format=CHANNELS_LAST), ours, relu)
        wanted = theirs(b).relu() if relu else theirs(b)
        torch.testing.assert_close(out, wanted, rtol=0, atol=1e-13)
        grad = torch.randn_like(x)
        out.backward(grad)
        wanted.backward(grad)
        torch.testing.assert_close(a.grad, b.grad, rtol=0, atol=1e-12)
        x = x * 1.5 - 1
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(
            parameter.grad, theirs.get_parameter(name).grad, rtol=1e-12, atol=1e-12
        )
    for name, buffer in ours.named_buffers():
        torch.testing.assert_close(
            buffer, theirs.get_buffer(name), rtol=1e-13, atol=1e-13
        )


@pytest.mark.long
def test_volume_norm_is_the_same_for_any_number_of_threads():
    """And equals BatchNorm where each thread adds up several blocks."""
    torch.manual_seed(0)
    norm = randomize(nn.BatchNorm3d(8)).double()
    x = torch.randn(2, 8, 18, 14, 22, dtype=torch.double)
    grad = torch.randn_like(x)

    def run(compute, threads):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        leaf = x.contiguous(memory_format=CHANNELS_LAST).requires_grad_()
        out = compute(leaf)
        found = out, *torch.autograd.grad(out, [leaf, *norm.parameters()], grad)
        torch.set_num_threads(before)
        return found

    one, two = (
        run(lambda leaf: volume_norm(leaf, norm, True), threads) for threads in (1, 2)
    )
    assert all(map(torch.equal, one, two))
    for ours, theirs in zip(one, run(lambda leaf: norm(leaf).relu(), 1)):
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-11)


@pytest.mark.long
def test_volume_norm_leaves_the_number_of_threads_alone():
    """Numba told OpenMP, and so torch, to take all cores."""
    script = (
        'import torch, torch.nn as nn\n'
        'from cleaners.models.layers.volume_norm import volume_norm\n'
        'x = torch.ones(1, 32, 16, 16, 16)\n'
        'x = x.contiguous(memory_format=torch.channels_last_3d)\n'
        '# its own threads start with the second one\n'
        'for threads in (1, 3):\n'
        '    torch.set_num_threads(threads)\n'
        '    volume_norm(x, nn.BatchNorm3d(32), True)\n'
        '    assert torch.get_num_threads() == threads\n'
    )
    # in a process of its own: threads are started once
    subprocess.run(
        [sys.executable, '-c', script],
        check=True,
        env=dict(os.environ, NUMBA_NUM_THREADS='2'),
    )


def test_statistics_of_large_volumes_are_exact_to_float32():
    """Plain float32 sums would lose three more digits here."""
    x = torch.randn(1, 4, 64, 64, 64) + 100
    mean, var = batch_statistics(x.contiguous(memory_format=CHANNELS_LAST))
    exact = x.double().transpose(0, 1).flatten(1)
    torch.testing.assert_close(mean.double(), exact.mean(1), rtol=1e-7, atol=0)
    torch.testing.assert_close(
        var.double(), exact.var(1, correction=0), rtol=1e-6, atol=0
    )


@pytest.mark.parametrize('axes', [(0, 1, 2), (0,), (1,), (2,), (0, 2)])
@pytest.mark.parametrize(
    'shape, stride',
    [
        ((2, 3, 4, 6, 8), 2),
        ((1, 3, 5, 7, 3), 2),
        ((2, 3, 6, 9, 3), 3),
        ((1, 3, 5, 7, 3), 3),
    ],
)
def test_grid_pool_equals_average_pooling(axes, shape, stride):
    kernel = tuple(stride if axis in axes else 1 for axis in range(3))
    x = torch.randn(shape, dtype=torch.double)
    results = []
    for pool, layout in (
        (GridPool3d(axes, stride), CHANNELS_LAST),
        (nn.AvgPool3d(kernel), torch.contiguous_format),
    ):
        leaf = x.contiguous(memory_format=layout).requires_grad_()
        out = pool(leaf)
        weights = torch.arange(out.numel()).view(out.shape).double()
        (out * weights).sum().backward()
        results.append((out, leaf.grad))
    torch.testing.assert_close(results[0], results[1], rtol=0, atol=1e-12)


def test_mask_dropout_drops_and_scales():
    torch.manual_seed(0)
    x = torch.ones(200_000, requires_grad=True)
    dropout = MaskDropout(0.3)
    out = dropout(x)
    assert set(out.unique().tolist()) == {0.0, torch.tensor(1 / 0.7).item()}
    assert abs((out == 0).float().mean() - 0.3) < 5e-3  # five sigma
    out.sum().backward()
    assert torch.equal(x.grad, out)
    assert dropout.eval()(x) is x and MaskDropout(0.0)(x) is x


def test_checkpointing_changes_no_number():

    def run(with_cp):
        torch.manual_seed(0)
        # one norm of the project's kernel, one of torch's
        block = nn.Sequential(
            FoldedSequential(
                nn.Conv3d(2, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU()
            ),
            MaskDropout(0.5),
            nn.Conv3d(4, 3, 1),
            nn.BatchNorm3d(3),
        )
        x = torch.randn(2, 2, 4, 4, 4, requires_grad=True)
        torch.manual_seed(1)
        out = run_layer(block, x, with_cp=with_cp)
        out.square().sum().backward()
        grads = [p.grad for p in block.parameters()]
        return [out, x.grad, *grads, *block.state_dict().values()]

    for plain, checkpointed in zip(run(False), run(True)):
        assert torch.equal(plain, checkpointed)


@pytest.mark.parametrize('relu', [True, False])
def test_volume_norm_of_bfloat16_is_that_of_float32_rounded(relu):
    torch.manual_seed(0)
    norm = randomize(nn.BatchNorm3d(24))
    x = (torch.randn(2, 24, 12, 8, 20) * 3 + 40).bfloat16()
    grad = torch.randn(x.shape).bfloat16()
    results = []
    for dtype in (torch.bfloat16, torch.double):
        copied = copy.deepcopy(norm).to(
            torch.double if dtype == torch.double else torch.float32
        )
        leaf = x.to(dtype, memory_format=CHANNELS_LAST).requires_grad_()
        out = volume_norm(leaf, copied, relu)
        out.backward(grad.to(dtype))
        results.append(
            (
                out,
                leaf.grad,
                *(p.grad for p in copied.parameters()),
                copied.running_mean,
                copied.running_var,
            )
        )
    ours, exact = results
    assert [found.dtype for found in ours[:3]] == [
        torch.bfloat16,
        torch.bfloat16,
        torch.float32,
    ]
    for found, wanted in zip(ours[:2], exact[:2]):  # 8 bits
        torch.testing.assert_close(found.double(), wanted, rtol=2**-8, atol=1e-5)
    for found, wanted in zip(ours[2:], exact[2:]):  # sums in float32
        torch.testing.assert_close(found.double(), wanted, rtol=2e-5, atol=2e-4)


def test_rounding_to_bfloat16_is_that_of_torch():
    """Ties, both signs, subnormal numbers, infinity."""
    bits = torch.arange(0, 2**32, 2**13 - 1, dtype=torch.int64)
    x = bits.to(torch.uint32).view(torch.float32)
    x = x[~x.isnan()]
    ones, zeros = np.ones(1, np.float32), np.zeros(1, np.float32)
    out = torch.empty(len(x), 1, dtype=torch.bfloat16)
    kernels.normalise(
        x.numpy()[:, None], ones, zeros, False, out.view(torch.uint16).numpy()
    )
    assert torch.equal(out[:, 0], x.bfloat16())


def test_a_bias_gets_its_gradient_apart_from_the_transposed_convolution():
    ours = ConvTranspose3d(3, 5, 3, stride=2, padding=1, output_padding=1)
    theirs = nn.ConvTranspose3d(3, 5, 3, stride=2, padding=1, output_padding=1)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(2, 3, 4, 6, 5, dtype=torch.double)
    found = []
    for layer in (ours.double(), theirs.double()):
        leaf = x.clone().requires_grad_()
        out = layer(leaf)
        grads = torch.autograd.grad(
            out.square().sum(), [leaf, layer.weight, layer.bias]
        )
        found.append((out, *grads))
    torch.testing.assert_close(*found, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize('p', [0.5, 0.1, 1.0])
@pytest.mark.parametrize('layout', [torch.contiguous_format, CHANNELS_LAST])
def test_mask_dropout_draws_every_element_alone(p, layout):
    torch.manual_seed(0)
    x = torch.ones(3, 5, 7, 9, 11).contiguous(memory_format=layout)
    kept = MaskDropout(p)(x) > 0
    sigma = (p * (1 - p) / kept.numel()) ** 0.5
    assert abs(1 - p - kept.float().mean()) <= 4 * sigma
    if p == 0.5:  # neighbours, of one random number or of two, are free
        pairs = kept.flatten()[:-1] == kept.flatten()[1:]
        for start in range(4):
            assert abs(pairs[start::4].float().mean() - 0.5) < 0.03
