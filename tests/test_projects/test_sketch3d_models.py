"""What 3D-Sketch's network adds to the base's."""

import pytest
import torch
from mmdet3d.registry import MODELS
from tiny_sketch3d import TSDF_ALONE, tiny_sketch_net

from cleaners.apis import inference_ssc
from cleaners.testing import make_ssc_batch, tiny_distiller
from cleaners.testing.tiny import GRID_SIZE, make_arrays
from cleaners.utils.errors import InputError
from sketch3d.models.sketch_labels import make_sketch


@pytest.fixture
def net():
    torch.manual_seed(0)
    return MODELS.build(tiny_sketch_net())


def test_features_and_losses(net):
    inputs, samples = make_ssc_batch()
    losses = net(inputs, samples, mode='loss')
    assert set(losses) == {
        'loss_ssc',
        'loss_2d',
        'loss_sketch_raw',
        'loss_sketch_posterior',
        'loss_sketch_prior',
        'loss_sketch_kl',
    }
    sum(losses.values()).backward()
    without = {n for n, p in net.named_parameters() if p.grad is None}
    assert without == {n for n, _ in net.backbone.named_parameters('backbone')}
    feats = net.eval().extract_feat(inputs)
    assert set(feats) == {
        'feat_2d',
        'logits_2d',
        'voxel_feat',
        'tsdf_feat',
        'sketch_raw',
        'sketch_prior',
    }
    encoder = net.tsdf_encoder
    expected = encoder.raw_stem(feats['sketch_raw']) + encoder.prior_stem(
        feats['sketch_prior']
    )
    torch.testing.assert_close(feats['tsdf_feat'], expected)


def with_raw_losses(**losses):
    """Config of a network whose raw sketch has other losses, too."""
    cfg = tiny_sketch_net()
    cross_entropy = dict(type='SmoothCrossEntropyLoss', label_smoothing=0.0)
    cfg['tsdf_encoder']['raw_head'] = dict(
        dict(type='SSCHead', flip_prob=0.0, loss_ssc=cross_entropy), **losses
    )
    return cfg


def test_what_the_raw_sketch_tells_the_log_alone_is_no_loss():
    told = with_raw_losses(
        loss_ssc=dict(
            type='SmoothCrossEntropyLoss', label_smoothing=0.0, count_ignored=True
        )
    )
    torch.manual_seed(0)
    losses = MODELS.build(told)(*make_ssc_batch(), mode='loss')
    assert 'loss_sketch_raw' in losses
    assert not any(name.endswith('labelled') for name in losses if 'sketch' in name)


def test_all_losses_of_the_raw_sketch_count():
    net = MODELS.build(
        with_raw_losses(loss_iou=dict(type='mmseg.LovaszLoss', reduction='none'))
    )
    losses = net(*make_ssc_batch(), mode='loss')
    assert 0 < losses['loss_sketch_raw_iou'] <= 1


def test_a_sketch_has_no_void():
    with pytest.raises(InputError, match='raw_head.loss_void: a sketch has two'):
        MODELS.build(with_raw_losses(loss_void=dict(type='VoidLoss')))


def test_sketch_losses_cover_weighted_voxels(net):
    """All of them, those without a label too; the weights are the paper's."""
    inputs, samples = make_ssc_batch()
    net.eval()
    losses = net(inputs, samples, mode='loss')
    label = torch.stack([s.gt_voxel_seg.label for s in samples])
    weight = torch.stack([s.gt_voxel_seg.label_weight for s in samples])
    sketch = make_sketch(label)
    assert (label[weight] == 255).any() and (sketch[weight] == 1).any()
    feats = net.extract_tsdf_feat(dict(inputs, sketch=sketch))
    for name, factor in (('raw', 1.0), ('posterior', 1.0), ('prior', 1.5)):
        logs = feats[f'sketch_{name}'].log_softmax(1)
        picked = logs.gather(1, sketch[:, None])[:, 0]
        torch.testing.assert_close(
            losses[f'loss_sketch_{name}'], -factor * picked[weight].mean()
        )


def test_the_second_stage_teaches_the_first(net):
    """Through the logits of raw and whole sketch, which it reads."""
    inputs, _ = make_ssc_batch()
    net(inputs).square().sum().backward()
    for part in ('stem', 'raw_head', 'raw_stem', 'prior_stem'):
        module = getattr(net.tsdf_encoder, part)
        assert all(
            p.grad.abs().sum() > 0
            for n, p in module.named_parameters()
            if n.endswith('.weight')
        ), part
    cvae = net.tsdf_encoder.cvae
    assert cvae.decoder[3].weight.grad.abs().sum() > 0
    assert cvae.mean.weight.grad is None  # of the posterior


def test_a_network_of_the_tsdf_alone(net):
    depth = MODELS.build(tiny_sketch_net(**TSDF_ALONE)).eval()
    state = net.state_dict()
    depth.load_state_dict({key: state[key] for key in depth.state_dict()})
    inputs, samples = make_ssc_batch()
    feats = net.eval().extract_feat(inputs)
    assert torch.equal(
        depth(dict(tsdf=inputs['tsdf'])), net.decode_head(feats['tsdf_feat'])
    )
    predicted = depth.predict(dict(tsdf=inputs['tsdf']), samples)
    assert predicted[0].pred_voxel_seg.label.shape == GRID_SIZE


def test_inference_gives_the_sketch(net):
    """Of one frame, the same each time."""
    frame = make_arrays(0)
    samples = [
        inference_ssc(
            net.eval(),
            img=frame['img'],
            tsdf=frame['tsdf'],
            mapping=frame['mapping'],
            return_feats=True,
        )
        for _ in range(2)
    ]
    logits = [sample.pred_voxel_seg.logits for sample in samples]
    assert torch.equal(*logits)
    assert samples[0].feats['sketch_prior'].shape == (2, *GRID_SIZE)


def test_it_can_teach_features(tmp_path):
    """KD-T alone reads its T, without the completion."""
    path = tmp_path / 'teacher.pth'
    cfg = tiny_sketch_net()
    torch.save(MODELS.build(cfg).state_dict(), path)
    kd_t = dict(tiny_distiller(str(path)), kd_center=None, kd_affinity=None)
    distiller = MODELS.build(dict(kd_t, teacher=cfg)).eval()
    distiller.load_teacher()
    inputs, samples = make_ssc_batch()
    clean = dict(inputs, tsdf=inputs['tsdf_cad'])
    theirs = distiller.teacher.extract_feat(clean)['tsdf_feat']
    ours = distiller.student.extract_feat(inputs)['tsdf_feat']
    torch.testing.assert_close(
        distiller(inputs, samples, mode='loss')['loss_kd_surface'],
        0.25 * (ours - theirs).square().mean(),
    )


def test_a_distiller_cannot_train_it(tmp_path):
    """The distiller would not tell it the sketch."""
    path = tmp_path / 'teacher.pth'
    cfg = tiny_sketch_net()
    torch.save(MODELS.build(cfg).state_dict(), path)
    distiller = MODELS.build(dict(tiny_distiller(str(path)), student=cfg, teacher=cfg))
    distiller.load_teacher()
    with pytest.raises(InputError, match='train it as the model itself'):
        distiller(*make_ssc_batch(), mode='loss')
