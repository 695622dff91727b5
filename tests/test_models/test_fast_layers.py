"""The fast layers compute what the plain ones do."""

import copy

import pytest
import torch
import torch.nn as nn
from random_norms import randomize_norms

from cleaners.models.layers import FoldedSequential, GridPool3d, MaskDropout, run_layer
from cleaners.models.layers.conv_transpose3d import ConvTranspose3d

CHANNELS_LAST = torch.channels_last_3d


def layer_cases():
    conv2d = nn.Conv2d(4, 6, 3, padding=1, groups=2)
    conv3d = nn.Conv3d(4, 6, (1, 3, 1), (1, 2, 1), (0, 3, 0), (1, 3, 1), bias=False)
    transposed = nn.ConvTranspose3d(4, 6, 3, 2, 1, output_padding=1)
    return [
        pytest.param(conv2d, nn.BatchNorm2d(6), (4, 8, 6), id='conv2d'),
        pytest.param(conv3d, nn.BatchNorm3d(6), (4, 6, 8, 4), id='conv3d'),
        pytest.param(transposed, nn.BatchNorm3d(6), (4, 3, 2, 4), id='transposed'),
    ]


@pytest.mark.parametrize(
    'batch, dtype, atol', [(2, torch.double, 1e-13), (1, torch.float, 1e-5)]
)
@pytest.mark.parametrize('conv, norm, shape', layer_cases())
def test_folded_layers_equal_the_plain_ones(conv, norm, shape, batch, dtype, atol):
    layers = [nn.Identity(), conv, randomize_norms(norm), nn.ReLU()]
    fast = FoldedSequential(*layers).to(dtype).eval()
    plain = nn.Sequential(*copy.deepcopy(layers)).double().eval()
    assert fast.state_dict().keys() == plain.state_dict().keys()
    x = torch.randn(batch, *shape, dtype=dtype)
    with torch.no_grad():
        wanted = plain(x.double())
        torch.testing.assert_close(fast(x).double(), wanted, rtol=0, atol=atol)


@pytest.mark.parametrize(
    'conv, norm, shape', [case for case in layer_cases() if case.id != 'conv2d']
)
def test_one_sample_is_not_kept_from_onednn(conv, norm, shape):
    block = FoldedSequential(conv, norm).eval()
    with torch.no_grad(), torch.profiler.profile() as profile:
        block(torch.randn(1, *shape))
    names = {event.key for event in profile.key_averages()}
    assert any(name.startswith('mkldnn::_convolution') for name in names)
    assert not any('slow_conv' in name for name in names)


@pytest.mark.parametrize('training', [True, False])
def test_a_norm_without_weights_is_left_to_torch(training):
    norm = randomize_norms(nn.BatchNorm3d(6, affine=False))
    layers = [nn.Conv3d(4, 6, 3, padding=1), norm, nn.ReLU()]
    plain = nn.Sequential(*copy.deepcopy(layers)).train(training)
    fast = FoldedSequential(*layers).train(training)
    x = torch.randn(2, 4, 6, 4, 6).contiguous(memory_format=CHANNELS_LAST)
    with torch.no_grad():
        torch.testing.assert_close(fast(x), plain(x), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(fast.state_dict(), plain.state_dict())


def test_folding_leaves_no_trace_and_follows_the_weights():
    block = FoldedSequential(nn.Conv3d(2, 3, 1), randomize_norms(nn.BatchNorm3d(3)))
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
    block = FoldedSequential(conv, randomize_norms(nn.BatchNorm3d(64))).eval()
    x = torch.randn(2, 64, 6, 6, 2).bfloat16()
    with torch.no_grad():
        with torch.autocast('cpu', torch.bfloat16):
            out = block(x)
        wanted = block.double()(x.double())
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.double(), wanted, rtol=1 / 256, atol=1e-5)


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


def test_a_transposed_convolution_of_one_sample_leaves_torchs_strides():
    """Others made the next layers leave the channels-last layout."""
    ours = ConvTranspose3d(8, 8, 3, stride=2, padding=1, output_padding=1)
    x = torch.randn(1, 8, 52, 52, 2).contiguous(memory_format=CHANNELS_LAST)
    wanted = nn.ConvTranspose3d.forward(ours, x).stride()
    assert ours(x).stride() == wanted
    assert wanted[0] == 8 * 104 * 104 * 4 and wanted[1] == 1


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
