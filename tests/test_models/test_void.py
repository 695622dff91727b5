"""The void logit: its loss, and the scene that it leaves."""

import pytest
import torch
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmengine.registry import init_default_scope

from cleaners.models.decode_heads import SSCHead
from cleaners.models.losses import VoidLoss
from cleaners.testing import make_ssc_batch
from cleaners.testing.tiny import tiny_distiller, tiny_ssc_net

VOID = dict(type='VoidLoss', loss_weight=0.25)


def slow_void_loss(logits, label, weight, free_weight, outside_weight):
    """Voxel by voxel, a list for each region."""
    regions = dict(object=[], free=[], outside=[])
    for z, lab, wei in zip(logits.ravel(), label.ravel(), weight.ravel()):
        p = torch.sigmoid(z)
        if lab == 255:
            regions['outside'].append(-p.log())
        elif lab > 0:
            regions['object'].append(-(1 - p).log())
        elif not wei:
            regions['free'].append(-p.log())
    mean = {name: sum(terms) / len(terms) for name, terms in regions.items()}
    return (
        mean['object'] + free_weight * mean['free'] + outside_weight * mean['outside']
    )


def random_case(seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.double)
    label = torch.randint(-1, 4, logits.shape, generator=generator)
    label[label < 0] = 255
    return logits, label, torch.rand(label.shape, generator=generator) < 0.6


def test_void_loss_equals_the_slow_reference():
    logits, label, weight = random_case()
    loss = VoidLoss(free_weight=0.3, outside_weight=2.0, loss_weight=0.5)
    torch.testing.assert_close(
        loss(logits, label, weight),
        0.5 * slow_void_loss(logits, label, weight, 0.3, 2.0),
        rtol=1e-12,
        atol=0,
    )


def test_occluded_empty_voxels_have_no_say():
    logits, label, weight = random_case()
    logits.requires_grad_()
    VoidLoss()(logits, label, weight).backward()
    silent = (label == 0) & weight
    assert 0 < silent.sum() < label.numel()
    assert torch.equal(logits.grad == 0, silent)


@pytest.mark.parametrize('value', [255, 1])
def test_a_region_without_voxels_adds_nothing(value):
    logits = torch.zeros(1, 2, 2, 2, requires_grad=True)
    label = torch.full(logits.shape, value)
    loss = VoidLoss()(logits, label, torch.ones_like(label, dtype=torch.bool))
    assert loss.item() == pytest.approx(torch.tensor(2.0).log().item())
    loss.backward()
    assert logits.grad.isfinite().all()


def test_class_logits_are_those_of_the_head_without():
    """So that the scores of the paper's protocol do not see it."""
    torch.manual_seed(0)
    with_void = SSCHead(8, 12, loss_void=VOID).eval()
    plain = SSCHead(8, 12).eval()
    state = with_void.state_dict()
    plain.load_state_dict({k: v for k, v in state.items() if 'void' not in k})
    fused = torch.randn(2, 8, 4, 4, 8)
    with torch.no_grad():
        logits, expected = with_void(fused), plain(fused)
        features = with_void.body(fused)
        void = F.conv3d(features, *with_void.void_classifier.parameters())
    assert logits.shape == (2, 13, 4, 4, 8)
    torch.testing.assert_close(with_void.class_logits(logits), expected)
    torch.testing.assert_close(logits[:, -1:], void)


def test_the_dropout_of_training_drops_the_same_channels_for_both():
    torch.manual_seed(0)
    head = SSCHead(4, 12, dropout=0.5, flip_prob=0.0, loss_void=VOID).train()
    volume = torch.rand(1, 4, 4, 4, 8)
    with torch.no_grad():
        weight = head.void_classifier.weight
        head.classifier.weight.copy_(weight.expand_as(head.classifier.weight))
        head.classifier.bias.copy_(head.void_classifier.bias.expand(12))
        logits = head._classify(volume)
    torch.testing.assert_close(logits, logits[:, -1:].expand_as(logits))


def test_the_scene_is_empty_where_it_is_void():
    head = SSCHead(4, 3, loss_void=VOID, void_thr=0.8)
    logits = torch.zeros(1, 4, 2, 2, 2)
    logits[:, 2] = 1.0  # all of class 2
    limit = torch.logit(torch.tensor(0.8))
    logits[0, -1, 0, 0] = torch.stack([limit - 0.01, limit + 0.01])
    (frame,) = head.predict_by_feat(logits)
    assert (frame.label == 2).all() and frame.label.dtype == torch.uint8
    assert frame.scene[0, 0].tolist() == [2, 0]
    assert (frame.scene.flatten()[2:] == 2).all()
    assert 'scene' not in SSCHead(4, 3).predict_by_feat(logits[:, :3])[0]


@pytest.mark.parametrize('counted', [0, 1])
def test_the_iou_loss_of_hardly_any_voxel_is_zero(counted):
    """Mmseg's Lovasz loss is NaN of none, and an IndexError of one."""
    init_default_scope('mmdet3d')
    lovasz = dict(type='mmseg.LovaszLoss', reduction='none')
    head = SSCHead(4, 3, loss_iou=lovasz)
    logits = torch.randn(1, 3, 2, 2, 2, requires_grad=True)
    label = torch.full((1, 2, 2, 2), 255)
    label.flatten()[:counted] = 1
    losses = head.loss_by_feat(logits, label, torch.ones_like(label, dtype=torch.bool))
    assert losses['loss_iou'] == 0
    losses['loss_iou'].backward()
    assert (logits.grad == 0).all()


def test_confidence_is_kept_where_it_is_asked_for():
    torch.manual_seed(0)
    logits = torch.randn(2, 4, 2, 2, 2)
    head = SSCHead(4, 3, loss_void=VOID, keep_confidence=True)
    for kept, logit in zip(head.predict_by_feat(logits), logits):
        assert set(kept.keys()) == {'label', 'scene', 'confidence'}
        # of the label: its part of what is not void; of empty: all the rest
        parts = (1 - logit[-1].sigmoid()) * logit[:-1].softmax(0)
        parts[0] = 1 - parts[1] - parts[2]
        wanted = parts.gather(0, kept.scene[None].long())[0]
        torch.testing.assert_close(kept.confidence, wanted)


def test_distillation_compares_classes_only(tmp_path):
    """A teacher without void logit teaches a student that has one."""
    init_default_scope('mmdet3d')
    torch.manual_seed(0)
    path = tmp_path / 'teacher.pth'
    torch.save(MODELS.build(tiny_ssc_net()).state_dict(), path)
    cfg = tiny_distiller(str(path))
    cfg['student']['decode_head'] = dict(type='SSCHead', loss_void=VOID)
    model = MODELS.build(cfg)
    model.load_teacher()
    inputs, samples = make_ssc_batch()
    losses = model(inputs, samples, mode='loss')
    assert losses['loss_void'] > 0 and losses['loss_kd_center'] > 0
    sum(losses.values()).backward()
    assert model.student.decode_head.void_classifier.weight.grad.abs().sum()
    pred = model.eval()(inputs, samples, mode='predict')[0].pred_voxel_seg
    assert pred.scene.shape == pred.label.shape == pred.grid_size
    assert torch.equal(pred.scene[pred.scene > 0], pred.label[pred.scene > 0])
