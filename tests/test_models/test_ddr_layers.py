import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from random_norms import randomize_norms

from cleaners.models.layers import (
    DDRBottleneck,
    DDREncoderDecoder,
    DDRStage,
    UpsampleBlock3d,
)


def reference_bottleneck(
    block: DDRBottleneck, x: torch.Tensor, stride: int, dilation: int
) -> torch.Tensor:
    """METHOD section 2.5 step by step, with plain functions."""

    def conv(part, v, axis=None):
        size, pad, step, gap = [1] * 3, [0] * 3, [1] * 3, [1] * 3
        if axis is not None:
            size[axis], pad[axis] = 3, dilation
            step[axis], gap[axis] = stride, dilation
        assert part[0].weight.shape[2:] == tuple(size)
        v = F.conv3d(v, part[0].weight, None, step, pad, gap)
        norm = part[1]
        return F.batch_norm(
            v, norm.running_mean, norm.running_var, norm.weight, norm.bias
        )

    def pool(part, v, axes):
        kernel = [stride if axis in axes else 1 for axis in range(3)]
        return conv(part[1:], F.avg_pool3d(v, kernel))

    o1 = conv(block.reduce, x).clamp(min=0)
    o2 = conv(block.axis_convs[0], o1, axis=2)
    o3 = conv(block.axis_convs[1], o2.clamp(min=0), axis=1)
    if stride > 1:
        o2 = pool(block.pool_first_y, o2, [1])
    o3 = o3 + o2
    o4 = conv(block.axis_convs[2], o3.clamp(min=0), axis=0)
    if stride > 1:
        o2 = pool(block.pool_first_x, o2, [0])
        o3 = pool(block.pool_second_x, o3, [0])
        x = pool(block.shortcut, x, [0, 1, 2])
    o4 = o4 + o2 + o3
    return (conv(block.expand, o4.clamp(min=0)) + x).clamp(min=0)


@pytest.mark.parametrize(
    'stride, dilation, out_channels',
    [(1, 1, 8), (1, 2, 8), (1, 3, 8), (2, 1, 8), (2, 1, 16), (3, 1, 16)],
)
def test_bottleneck_follows_the_definition(stride, dilation, out_channels):
    block = DDRBottleneck(8, 4, out_channels, stride, dilation).double().eval()
    randomize_norms(block)
    grid = (9, 15, 3) if stride == 3 else (8, 12, 4)
    x = torch.randn(2, 8, *grid, dtype=torch.double)
    out = block(x)
    assert out.shape == (2, out_channels, *(s // stride for s in grid))
    expected = reference_bottleneck(block, x, stride, dilation)
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)


def test_factorised_convolutions_run_over_last_middle_first_axis():
    block = DDRBottleneck(8, 4, 8, dilation=2)
    kernels = [conv[0].kernel_size for conv in block.axis_convs]
    assert kernels == [(1, 1, 3), (1, 3, 1), (3, 1, 1)]
    assert [conv[0].dilation for conv in block.axis_convs] == [
        (1, 1, 2),
        (1, 2, 1),
        (2, 1, 1),
    ]
    assert all(conv[0].bias is None for conv in block.axis_convs)


def test_stage_has_the_widths_of_the_method():
    stage = DDRStage(16, 32)
    middle = [block.reduce[0].out_channels for block in stage]
    assert middle == [4, 8, 8, 8]
    assert [block.stride for block in stage] == [2, 1, 1, 1]
    dilations = [block.axis_convs[0][0].dilation[2] for block in stage]
    assert dilations == [1, 1, 2, 3]
    assert stage(torch.randn(1, 16, 8, 4, 12)).shape == (1, 32, 4, 2, 6)


def test_upsample_doubles_the_grid():
    up = UpsampleBlock3d(8, 4)
    assert up(torch.randn(1, 8, 3, 5, 2)).shape == (1, 4, 6, 10, 4)


def test_encoder_decoder_adds_the_first_stage_as_skip():
    body = DDREncoderDecoder(8).eval()
    x = torch.randn(1, 8, 8, 4, 12)
    half = body.stage1(x)
    expected = body.up2(body.up1(body.stage2(half)) + half)
    torch.testing.assert_close(body(x), expected)
    assert expected.shape == x.shape


class DropAll(nn.Module):
    def forward(self, x):
        return torch.zeros_like(x)


def test_encoder_decoder_drops_before_the_skip():
    body = DDREncoderDecoder(8).eval()
    body.dropout = DropAll()
    x = torch.randn(1, 8, 8, 4, 12)
    torch.testing.assert_close(body(x), body.up2(body.stage1(x)))


def test_encoder_decoder_refuses_a_grid_it_cannot_halve_twice():
    with pytest.raises(ValueError, match=r'multiple of 4.*\(8, 6, 12\)'):
        DDREncoderDecoder(8)(torch.randn(1, 8, 8, 6, 12))


@pytest.mark.parametrize(
    'args, match',
    [((8, 4, 16), 'keeps its channels'), ((8, 4, 8, 4), 'stride should be')],
)
def test_bottleneck_refuses_wrong_arguments(args, match):
    with pytest.raises(ValueError, match=match):
        DDRBottleneck(*args)
