"""Parts of CVSformer alone, and what its network adds to the base's."""

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from tiny_cvsformer import NUM_LABELS, tiny_batch, tiny_cvs_net

from cleaners.apis import inference_ssc
from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE, make_arrays
from cleaners.utils.errors import InputError
from cvsformer.models.layers import (
    ClassAttention,
    CrossViewAttention,
    CrossViewDecoder,
    TurnedConv3d,
    ViewTokens,
)
from cvsformer.models.layers.view_tokens import token_grid

VOLUME = (4, 3, 5)
QUARTER = tuple(size // 4 for size in GRID_SIZE)


def read_between(volume, place):
    """Trilinear interpolation of (C, x, y, z), 0 outside, by one loop."""
    value = torch.zeros(len(volume), dtype=volume.dtype)
    for corner in itertools.product((0, 1), repeat=3):
        voxel = [math.floor(p) + c for p, c in zip(place, corner)]
        if all(0 <= v < n for v, n in zip(voxel, volume.shape[1:])):
            weight = math.prod(1 - abs(p - v) for p, v in zip(place, voxel))
            value += weight * volume[(slice(None), *voxel)]
    return value


def slow_turned(conv, volume, degrees):
    """The convolution as it is defined: every tap of every voxel."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    out = torch.empty(conv.out_channels, *volume.shape[1:], dtype=volume.dtype)
    for voxel in np.ndindex(volume.shape[1:]):
        total = conv.bias.clone()
        for d, h, w in itertools.product((-1, 0, 1), repeat=3):
            step = d * cos - h * sin, d * sin + h * cos, w
            seen = read_between(volume, [v + s for v, s in zip(voxel, step)])
            total = total + conv.weight[:, :, d + 1, h + 1, w + 1] @ seen
        out[(slice(None), *voxel)] = total
    return out


@torch.no_grad()
@pytest.mark.parametrize('degrees', [45, 90, 135, 30, -60])
def test_turned_convolution_equals_the_slow_reference(degrees):
    torch.manual_seed(0)
    conv = TurnedConv3d(2, 3, degrees, VOLUME).double()
    volume = torch.rand(2, *VOLUME, dtype=torch.double)
    wanted = slow_turned(conv, volume, degrees)
    torch.testing.assert_close(conv(volume[None])[0], wanted, rtol=0, atol=1e-12)


def turn(volume):
    """Turn (B, C, x, y, z) by 90 degrees, the first axis to the second."""
    return volume.transpose(2, 3).flip(2)


@torch.no_grad()
def test_a_turned_kernel_sees_a_turned_volume():
    """At 0 degrees it is the plain one; at 90 what that sees of the other."""
    torch.manual_seed(0)
    volume = torch.rand(1, 2, *VOLUME)
    plain, turned = (TurnedConv3d(2, 3, degrees, VOLUME) for degrees in (0, 90))
    turned.load_state_dict(plain.state_dict())
    wanted = F.conv3d(volume, plain.weight, plain.bias, padding=1)
    torch.testing.assert_close(plain(volume), wanted)
    torch.testing.assert_close(turned(turn(volume)), turn(wanted))
    assert turned.turned_kernel().shape == (3, 2, 3, 3, 3)


@torch.no_grad()
def test_the_public_code_fills_the_first_planes_only():
    """B of a batch of B; the second frame gets nothing but the bias."""
    torch.manual_seed(0)
    convs = {
        mode: TurnedConv3d(4, 3, 45, VOLUME, mode)
        for mode in ('rotated', 'planes', 'public')
    }
    for conv in convs.values():
        conv.load_state_dict(convs['rotated'].state_dict())
    volume = torch.rand(2, 4, *VOLUME)
    seen = {mode: conv(volume) for mode, conv in convs.items()}
    bias = convs['public'].bias.view(-1, 1, 1, 1).expand(3, *VOLUME)
    assert torch.equal(seen['public'][1], bias)
    kept = volume.clone()
    kept[0, 2:], kept[1] = 0, 0
    torch.testing.assert_close(seen['public'], convs['planes'](kept))
    alone = convs['public'](volume[:1])
    assert (alone - seen['public'][:1]).abs().max() > 1e-3
    for mode in ('rotated', 'planes'):
        torch.testing.assert_close(convs[mode](volume[:1]), seen[mode][:1])


@torch.no_grad()
def test_class_attention_follows_the_definition():
    torch.manual_seed(0)
    block = ClassAttention(6, num_heads=3).double()
    for scale in (block.scale1, block.scale2):
        assert scale.tolist() == pytest.approx([1e-5] * 6)
        scale.uniform_(0.5, 1)
    tokens, patches = (torch.rand(2, n, 6, dtype=torch.double) for n in (4, 5))
    seen = block.norm1(torch.cat((tokens, patches), 1))
    heads = []
    for head in range(3):
        part = slice(2 * head, 2 * head + 2)
        query, key, value = (
            layer(seen)[..., part] for layer in (block.query, block.key, block.value)
        )
        scores = query[:, :4] @ key.transpose(1, 2) / 2**0.5
        heads.append(scores.softmax(-1) @ value)
    wanted = tokens + block.scale1 * block.project(torch.cat(heads, -1))
    wanted = wanted + block.scale2 * block.mlp(block.norm2(wanted))
    torch.testing.assert_close(block(tokens, patches), wanted)


@torch.no_grad()
def test_attention_between_views_is_not_scaled():
    torch.manual_seed(0)
    block = CrossViewAttention(4, dict(type='BN3d')).double().eval()
    view = torch.rand(2, 4, 3, 2, 2, dtype=torch.double)
    summary = torch.rand(2, 4, 1, 2, 3, dtype=torch.double)
    scores = torch.einsum(
        'bcn,bcm->bnm', block.query(view).flatten(2), block.key(summary).flatten(2)
    )
    found = torch.einsum(
        'bnm,bcm->bcn', scores.softmax(-1), block.value(summary).flatten(2)
    )
    conv, norm = block.project
    wanted = view + norm(conv(found.view(2, 2, 3, 2, 2)))
    torch.testing.assert_close(block(view, summary), wanted)


@pytest.mark.parametrize(
    'grid, tokens, kernel',
    [
        ((15, 9, 15), (5, 3, 5), (13, 9, 13)),  # the paper's
        ((3, 2, 4), (1, 1, 2), (5, 4, 5)),
        ((1, 6, 7), (1, 2, 3), (3, 7, 7)),
    ],
)
def test_tokens_and_kernel_follow_from_the_grid(grid, tokens, kernel):
    branch = ViewTokens(grid, 2, num_heads=1)
    assert token_grid(grid) == tokens
    assert branch.conv[0].kernel_size == kernel
    assert branch.conv(torch.rand(1, 2, *grid)).shape[2:] == tokens
    assert branch(torch.rand(2, 2, *grid)).shape == (2, math.prod(tokens), 2)


@torch.no_grad()
def test_tokens_of_a_view_follow_the_definition():
    """Positions on tokens and voxels; the first tokens count twice."""
    torch.manual_seed(0)
    branch = ViewTokens(QUARTER, 4, num_heads=2).double()
    view = torch.rand(1, 4, *QUARTER, dtype=torch.double)
    first = branch.tokens + branch.positions[:, :2]
    patches = view.flatten(2).transpose(1, 2) + branch.positions[:, 2:]
    attended = branch.blocks[1](branch.blocks[0](first, patches), patches)
    volume = patches.transpose(1, 2).reshape(view.shape)
    convolved = branch.conv(volume).flatten(2).transpose(1, 2)
    torch.testing.assert_close(branch(view), attended + first + convolved)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return MODELS.build(tiny_cvs_net())


def test_features_and_losses(net):
    """All of it is trained; V is the stem of the labels in the grid."""
    inputs, samples = tiny_batch()
    losses = net(inputs, samples, mode='loss')
    assert set(losses) == {'loss_ssc'}
    losses['loss_ssc'].backward()
    assert not {n for n, p in net.named_parameters() if p.grad is None}
    feats = net.eval().extract_feat(inputs)
    assert set(feats) == {'feat_2d', 'voxel_feat', 'tsdf_feat'}
    volume = torch.zeros(2, NUM_LABELS, math.prod(GRID_SIZE))
    for frame in range(2):
        for row, column in (inputs['mapping2d'][frame] >= 0).nonzero().tolist():
            voxel = inputs['mapping2d'][frame, row, column]
            volume[frame, inputs['seg2d'][frame, row, column], voxel] = 1
    wanted = net.backbone(volume.view(2, NUM_LABELS, *GRID_SIZE))
    torch.testing.assert_close(feats['voxel_feat'], wanted)
    torch.testing.assert_close(feats['tsdf_feat'], net.tsdf_encoder(inputs['tsdf']))


@torch.no_grad()
def test_the_body_follows_the_definition():
    torch.manual_seed(0)
    body = CrossViewDecoder(8, GRID_SIZE, 2, 'rotated').double().eval()
    volume, tsdf_feat = torch.rand(2, 1, 8, *GRID_SIZE, dtype=torch.double)
    fused = volume + tsdf_feat
    half = body.stage1(fused) + fused[:, :, ::2, ::2, ::2]
    up = body.up1(body.fusion(body.stage2(half))) + half
    wanted = body.up2(up) + volume
    # corners are aligned: the first and the last voxel stay where they are
    axes = [np.linspace(0, n // 2 - 1, n) for n in GRID_SIZE]
    for voxel in itertools.product((0, 5, -1), (0, 4, -1), (0, 7, -1)):
        place = [axis[v] for axis, v in zip(axes, voxel)]
        at = (0, slice(None), *voxel)
        wanted[at] += read_between(up[0], place)
        torch.testing.assert_close(body(volume, tsdf_feat)[at], wanted[at])


def test_checkpointing_changes_nothing(net):
    """Neither losses nor gradients nor running statistics."""
    frugal = MODELS.build(tiny_cvs_net(head=dict(with_cp=True)))
    frugal.load_state_dict(net.state_dict())
    results = []
    for model in (net, frugal):
        torch.manual_seed(1)
        loss = model(*tiny_batch(), mode='loss')['loss_ssc']
        loss.backward()
        grads = {n: p.grad for n, p in model.named_parameters()}
        results.append(dict(grads, loss=loss, **dict(model.named_buffers())))
    plain, cheap = results
    for name, value in plain.items():
        torch.testing.assert_close(cheap[name], value, msg=name)


@pytest.mark.parametrize(
    'layer',
    [
        TurnedConv3d(4, 4, 45, QUARTER),
        TurnedConv3d(4, 4, 90, QUARTER),
        ViewTokens(QUARTER, 4, num_heads=1).conv,
    ],
    ids=['45', '90', 'tokens'],
)
def test_kernels_longer_than_the_grid_in_bfloat16(layer):
    """Output and gradients are those of float32, but for rounding."""
    torch.manual_seed(0)
    x = torch.randn(2, 4, *QUARTER)
    results = []
    for enabled in (False, True):
        layer.zero_grad()
        given = x.clone().requires_grad_()
        with torch.autocast('cpu', torch.bfloat16, enabled=enabled):
            out = layer(given)
        out.float().square().sum().backward()
        grads = [p.grad.clone() for p in layer.parameters()]
        results.append((out, given.grad, *grads))
    for exact, rounded in zip(*results):
        assert (rounded - exact).norm() < 0.02 * exact.norm()


def test_a_frame_alone_gives_what_it_gives_in_a_batch(net):
    inputs, _ = tiny_batch()
    net.eval()
    with torch.no_grad():
        whole = net(inputs)
        single = net({key: value[1:] for key, value in inputs.items()})
    torch.testing.assert_close(single, whole[1:])


def test_inference(net):
    """A frame with labels of pixels; there is no photo."""
    frame = make_arrays(0)
    labels = np.random.default_rng(0).integers(0, NUM_LABELS, IMG_SIZE)
    given = frame['tsdf'], frame['mapping']
    sample = inference_ssc(net.eval(), None, *given, True, seg2d=labels)
    assert sample.pred_voxel_seg.label.shape == GRID_SIZE
    assert sample.feats['feat_2d'].shape == (NUM_LABELS, *IMG_SIZE)
    with pytest.raises(InputError, match='needs a 2D segmentation'):
        inference_ssc(net, frame['img'], *given)
    with pytest.raises(InputError, match=r'should lie in 0\.\.13'):
        inference_ssc(net, None, *given, seg2d=labels + 1)
    with pytest.raises(InputError, match="this network sees 'seg2d', but"):
        net(dict(tsdf=torch.zeros(1, 1, *GRID_SIZE)))


@pytest.mark.parametrize(
    'settings, match',
    [
        (dict(head=dict(view_mode='turned')), "'public'.*, but got 'turned'"),
        (dict(head=dict(num_heads=3)), 'divide the 16 channels .* but is 3'),
        (dict(tsdf_encoder=None), 'has a backbone .*, a tsdf_encoder'),
        (dict(head_2d=dict(type='Fusion2DHead')), 'and no head_2d'),
        (dict(grid_size=(12, 6, 16)), 'multiple of 4'),
        (dict(head=dict(grid_size=(8, 8, 8))), 'decode_head.grid_size is'),
    ],
)
def test_what_makes_no_network_is_refused(settings, match):
    with pytest.raises(InputError, match=match):
        MODELS.build(tiny_cvs_net(**settings))
