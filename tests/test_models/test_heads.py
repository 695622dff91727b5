import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from random_norms import randomize_norms

from cleaners.models.decode_heads import Fusion2DHead, Reduction2DHead, SSCHead


def make_2d_head(**kwargs):
    return Fusion2DHead(
        [2, 3, 4, 5], channels=6, num_classes=12, img_size=(24, 32), **kwargs
    )


def feature_maps(batch=2):
    return [
        torch.randn(batch, width, 12 // s, 16 // s)
        for width, s in ((2, 1), (3, 2), (4, 4), (5, 4))
    ]


def test_fusion_head_follows_the_definition():
    head = make_2d_head().eval()
    feats = feature_maps()
    scales = []
    for linear, feat in zip(head.linears, feats):
        weight = linear.weight[:, :, None, None]
        scales.append(
            F.interpolate(
                F.conv2d(feat, weight, linear.bias),
                (12, 16),
                mode='bilinear',
                align_corners=False,
            )
        )
    fused = head.fuse(torch.cat(scales[::-1], 1))
    logits = F.interpolate(
        head.classifier(fused), (24, 32), mode='bilinear', align_corners=True
    )
    got_fused, got_logits = head(feats)
    torch.testing.assert_close(got_fused, fused)
    torch.testing.assert_close(got_logits, logits)
    assert head.fuse[0].bias is None and got_fused.min() == 0


def test_fusion_head_drops_before_the_fusion():
    head = make_2d_head().eval()
    seen = []
    head.dropout = nn.Identity()
    head.dropout.register_forward_hook(
        lambda *args: seen.append(args[2]) or args[2] * 0
    )
    fused = head.fuse_feats(*feature_maps())
    (scales,) = seen
    assert scales.shape == (2, 4 * 6, 12, 16) and scales.abs().min() > 0
    torch.testing.assert_close(fused, head.fuse(torch.zeros_like(scales)))


def test_fusion_head_loss_reads_the_mapped_pixels_only():
    head = make_2d_head()
    logits = torch.randn(1, 12, 24, 32, requires_grad=True)
    mapping2d = torch.full((1, 24, 32), -1)
    mapping2d[0, 3, 5], mapping2d[0, 20, 7] = 9, 2
    mapping2d[0, 0, 0] = 4  # ignored label
    label = torch.zeros(1, 3, 2, 2, dtype=torch.long)
    label.view(-1)[[9, 2, 4]] = torch.tensor([7, 1, 255])
    loss = head.loss_by_feat(logits, mapping2d, label)['loss_2d']
    rows = torch.stack([logits[0, :, 3, 5], logits[0, :, 20, 7]])
    expected = F.cross_entropy(rows, torch.tensor([7, 1]), label_smoothing=0.2)
    torch.testing.assert_close(loss, 0.25 * expected)
    loss.backward()
    touched = logits.grad.abs().sum(1).nonzero()[:, 1:].tolist()
    assert touched == [[3, 5], [20, 7]]


@pytest.fixture
def ssc_head():
    return SSCHead(channels=8, num_classes=12, dropout=0.0)


def test_ssc_head_flips_in_training_and_flips_back(ssc_head):
    """With every flip on, the head sees a mirrored volume."""
    fused = torch.randn(1, 8, 8, 4, 12)
    ssc_head.train()
    for module in ssc_head.modules():
        if isinstance(module, torch.nn.BatchNorm3d):
            module.eval()
    ssc_head.flip_prob = 1.0
    flipped = ssc_head(fused)
    ssc_head.eval()
    mirrored = ssc_head(fused.flip(2, 4))
    torch.testing.assert_close(flipped, mirrored.flip(2, 4))
    assert not torch.allclose(flipped, ssc_head(fused))


def test_ssc_head_draws_each_flip_half_of_the_time(ssc_head):
    draws = [ssc_head._choose_views()[0] for _ in range(2000)]
    for flips in ((), (2,), (4,), (2, 4)):
        assert 0.2 < draws.count((flips, False)) / 2000 < 0.3
    ssc_head.eval()
    assert list(ssc_head._choose_views()) == [((), False)]


def test_ssc_head_averages_over_the_flips_where_asked(ssc_head):
    fused = torch.randn(2, 8, 8, 4, 12)
    ssc_head.eval()
    expected = (
        sum(ssc_head(fused.flip(dims)).flip(dims) for dims in ([], [2], [4], [2, 4]))
        / 4
    )
    plain = ssc_head(fused)
    ssc_head.flip_test = True
    torch.testing.assert_close(ssc_head(fused), expected)
    assert not torch.allclose(plain, expected)
    # so that a mirrored room gives the mirrored answer
    mirrored = ssc_head(fused.flip(2, 4)).flip(2, 4)
    torch.testing.assert_close(mirrored, expected)
    assert len(ssc_head.train()._choose_views()) == 1


def test_reduction_head_follows_the_definition():
    head = Reduction2DHead(5, channels=6, num_classes=12, img_size=(24, 32)).eval()
    feats = feature_maps()
    conv, norm, _ = randomize_norms(head).reduce
    expected = F.relu(norm(F.conv2d(feats[-1], conv.weight)))
    fused, logits = head(feats)
    torch.testing.assert_close(fused, expected)
    torch.testing.assert_close(
        logits,
        F.interpolate(
            head.classifier(expected), (24, 32), mode='bilinear', align_corners=True
        ),
    )
    assert fused.shape == (2, 6, 3, 4) and conv.bias is None


def test_a_2d_head_without_a_loss_has_no_logits():
    settings = dict(channels=6, num_classes=12, img_size=(24, 32))
    feats = feature_maps()
    head = Reduction2DHead(5, **settings).eval()
    bare = Reduction2DHead(5, loss_2d=None, **settings).eval()
    state = head.state_dict()
    bare.load_state_dict(
        {
            name: state.pop(name)
            for name in list(state)
            if not name.startswith('classifier')
        }
    )
    assert list(state) == ['classifier.weight', 'classifier.bias']
    fused, logits = bare(feats)
    assert logits is None
    assert torch.equal(fused, head(feats)[0])


def test_ssc_head_loss_covers_weighted_voxels(ssc_head):
    logits = torch.randn(2, 12, 2, 2, 2)
    label = torch.randint(0, 12, (2, 2, 2, 2))
    weight = torch.rand(2, 2, 2, 2) < 0.5
    label[tuple(weight.nonzero()[0])] = 255
    rows, targets = [], []
    for b in range(2):
        for index in weight[b].nonzero().tolist():
            rows.append(logits[(b, slice(None), *index)])
            targets.append(label[(b, *index)])
    expected = F.cross_entropy(
        torch.stack(rows), torch.stack(targets), ignore_index=255, label_smoothing=0.2
    )
    loss = ssc_head.loss_by_feat(logits, label, weight)['loss_ssc']
    torch.testing.assert_close(loss, expected)


def test_3d_layers_keep_torchs_initial_weights():
    """Uniform in +-1/sqrt(fan_in); mmcv's ConvModule would be normal."""
    head = MODELS.build(dict(type='SSCHead', channels=32, num_classes=12))
    head.init_weights()
    weight = head.body.stage1[0].reduce[0].weight
    bound = 32**-0.5
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)
