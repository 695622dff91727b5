"""The project's BatchNorm of volumes computes what torch's does."""

import copy
import os
import subprocess
import sys

import numba
import numpy as np
import pytest
import torch
import torch.nn as nn
from random_norms import randomize_norms

from cleaners.models.layers import volume_norm_kernels as kernels
from cleaners.models.layers.volume_norm import batch_statistics, volume_norm

CHANNELS_LAST = torch.channels_last_3d


@pytest.mark.parametrize('relu', [True, False])
@pytest.mark.parametrize('momentum', [0.1, None])
def test_volume_norm_equals_batchnorm(relu, momentum):
    ours = randomize_norms(nn.BatchNorm3d(5, momentum=momentum)).double()
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
@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason='one core alone')
def test_volume_norm_is_the_same_for_any_number_of_threads():
    """And equals BatchNorm where each thread adds up several blocks."""
    torch.manual_seed(0)
    norm = randomize_norms(nn.BatchNorm3d(8)).double()
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


@pytest.mark.parametrize('relu', [True, False])
def test_volume_norm_of_bfloat16_is_that_of_float32_rounded(relu):
    torch.manual_seed(0)
    norm = randomize_norms(nn.BatchNorm3d(24))
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
