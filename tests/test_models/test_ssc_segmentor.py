import os

import pytest
import torch
from mmdet3d.registry import MODELS

from cleaners.testing import make_ssc_batch, tiny_ssc_net
from cleaners.testing.tiny import GRID_SIZE
from cleaners.utils.errors import InputError


@pytest.fixture
def net():
    return MODELS.build(tiny_ssc_net())


def test_features_losses_and_predictions_have_their_shapes(net):
    inputs, samples = make_ssc_batch()
    feats = net.extract_feat(inputs)
    assert feats['feat_2d'].shape == (2, 8, 8, 16)
    assert feats['logits_2d'].shape == (2, 12, 32, 64)
    assert feats['voxel_feat'].shape == (2, 8, *GRID_SIZE)
    assert feats['tsdf_feat'].shape == (2, 8, *GRID_SIZE)
    losses = net(inputs, samples, mode='loss')
    assert set(losses) == {'loss_ssc', 'loss_2d'}
    logits = net.eval()(inputs, mode='tensor')
    predicted = net(inputs, samples, mode='predict')
    for sample, row in zip(predicted, logits):
        assert sample.pred_voxel_seg.label.dtype == torch.uint8
        assert (sample.pred_voxel_seg.label == row.argmax(0)).all()


def test_predictions_need_no_ground_truth(net):
    inputs, samples = make_ssc_batch()
    for sample in samples:
        del sample.gt_voxel_seg
    net.eval()(inputs, samples, mode='predict')
    assert samples[0].pred_voxel_seg.grid_size == GRID_SIZE


def test_the_frozen_backbone_gets_no_gradient(net):
    inputs, samples = make_ssc_batch()
    sum(net(inputs, samples, mode='loss').values()).backward()
    assert all(p.grad is None for p in net.backbone.parameters())
    others = [p for n, p in net.named_parameters() if 'backbone' not in n]
    assert all(p.grad is not None for p in others)


def test_a_trained_backbone_gets_gradients():
    net = MODELS.build(tiny_ssc_net(freeze_backbone=False))
    inputs, samples = make_ssc_batch()
    sum(net(inputs, samples, mode='loss').values()).backward()
    assert all(p.grad is not None for p in net.backbone.parameters())


def test_backbone_eval_switches_drop_path_off():
    frozen = MODELS.build(tiny_ssc_net(backbone_eval=True)).train()
    assert not any(m.training for m in frozen.backbone.modules())
    assert frozen.decode_head.training
    assert MODELS.build(tiny_ssc_net()).train().backbone.training
    with pytest.raises(ValueError, match='needs freeze_backbone'):
        MODELS.build(tiny_ssc_net(freeze_backbone=False, backbone_eval=True))


def test_a_2d_head_without_a_loss_leaves_no_entry():
    head = dict(type='Fusion2DHead', in_channels=[8, 16, 16, 32], loss_2d=None)
    net = MODELS.build(tiny_ssc_net(head_2d=head)).eval()
    inputs, samples = make_ssc_batch()
    assert set(net.extract_feat(inputs)) == {'feat_2d', 'voxel_feat', 'tsdf_feat'}
    assert set(net(inputs, samples, mode='loss')) == {'loss_ssc'}


def test_layer_norm_epsilons_are_those_of_the_release(net):
    for patch_embed, blocks, norm in net.backbone.layers:
        assert patch_embed.norm.eps == 1e-5 and norm.eps == 1e-6
        for block in blocks:
            assert block.norm1.eps == block.norm2.eps == 1e-6
            if block.attn.sr_ratio > 1:
                assert block.attn.norm.eps == 1e-5


def test_pretrained_backbone_loads_strictly(net, tmp_path):
    path = tmp_path / 'mit.pth'
    torch.save(net.backbone.state_dict(), path)
    cfg = tiny_ssc_net()
    cfg['backbone']['init_cfg'] = dict(type='Pretrained', checkpoint=str(path))
    other = MODELS.build(cfg)
    other.init_weights()
    for key, value in net.backbone.state_dict().items():
        assert torch.equal(other.backbone.state_dict()[key], value)


def test_pretrained_backbone_that_does_not_fit_is_refused(net, tmp_path):
    path = tmp_path / 'mit.pth'
    weights = net.backbone.state_dict()
    weights.pop('layers.0.0.norm.weight')
    torch.save(weights, path)
    cfg = tiny_ssc_net()
    cfg['backbone']['init_cfg'] = dict(type='Pretrained', checkpoint=str(path))
    with pytest.raises(InputError, match='lacks 1 weights'):
        MODELS.build(cfg).init_weights()
    cfg['backbone']['init_cfg']['checkpoint'] = str(tmp_path / 'none.pth')
    with pytest.raises(InputError, match=r'none\.pth.*freeze_backbone=False'):
        MODELS.build(cfg).init_weights()


class Attack:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_code_in_a_pretrained_file_is_refused(tmp_path):
    torch.save(dict(state_dict=Attack(str(tmp_path / 'made'))), tmp_path / 'evil.pth')
    cfg = tiny_ssc_net()
    checkpoint = str(tmp_path / 'evil.pth')
    cfg['backbone']['init_cfg'] = dict(type='Pretrained', checkpoint=checkpoint)
    with pytest.raises(InputError, match=r'evil\.pth.*refused by safe loading'):
        MODELS.build(cfg).init_weights()
    assert not (tmp_path / 'made').exists()


def test_preprocessor_normalises_then_pads(net):
    """A crop of the photo, BGR, is padded with exact 0 and -1."""
    bgr = torch.zeros(3, 20, 50, dtype=torch.uint8)
    bgr[0], bgr[2] = 10, 200  # blue, red
    batch = dict(
        inputs=dict(
            img=[bgr],
            tsdf=[torch.rand(1, *GRID_SIZE)],
            mapping2d=[torch.full((20, 50), 3)],
        ),
        data_samples=make_ssc_batch(1)[1],
    )
    inputs = net.data_preprocessor(batch)['inputs']
    assert inputs['imgs'].shape == (1, 3, 32, 64)
    assert inputs['imgs'][0, 0, 0, 0].item() == pytest.approx((200 - 123.675) / 58.395)
    assert inputs['imgs'][0, 2, 19, 49].item() == pytest.approx((10 - 103.53) / 57.375)
    assert inputs['imgs'][0, :, 20:].abs().max() == 0
    assert inputs['imgs'][0, :, :, 50:].abs().max() == 0
    assert (inputs['mapping2d'][0, 20:] == -1).all()
    assert (inputs['mapping2d'][0, :20, :50] == 3).all()
    with pytest.raises(ValueError, match='33 x 50 does not fit'):
        net.data_preprocessor(
            dict(inputs=dict(img=[torch.zeros(3, 33, 50)]), data_samples=None)
        )


@pytest.mark.parametrize(
    'part, key, value',
    [
        ('data_preprocessor', 'img_size', (16, 32)),
        ('head_2d', 'img_size', (16, 32)),
        ('head_2d', 'num_classes', 5),
        ('head_2d', 'channels', 16),
        ('head_2d', 'ignore_index', 200),
        ('voxel_neck', 'grid_size', (8, 8, 8)),
        ('tsdf_encoder', 'channels', 16),
        ('decode_head', 'num_classes', 5),
        ('decode_head', 'channels', 16),
        ('decode_head', 'ignore_index', 200),
    ],
)
def test_a_part_may_not_contradict_its_network(part, key, value):
    cfg = tiny_ssc_net()
    cfg[part][key] = value
    match = rf"{part}\.{key} is .*, but the model's {key} is .*give it once"
    with pytest.raises(InputError, match=match):
        MODELS.build(cfg)
    cfg[part][key] = cfg.get(key, 255)  # saying the same is no contradiction
    MODELS.build(cfg)


def test_a_network_needs_a_loss():
    cfg = tiny_ssc_net()
    cfg['decode_head']['loss_ssc'] = None
    with pytest.raises(InputError, match='loss_ssc is None, but there is no'):
        MODELS.build(cfg)


def test_a_loss_may_not_contradict_its_network():
    cfg = tiny_ssc_net()
    cfg['decode_head']['loss_ssc'] = dict(
        type='SmoothCrossEntropyLoss', ignore_index=200
    )
    with pytest.raises(InputError, match='loss_ssc.ignore_index is 200, but'):
        MODELS.build(cfg)


def test_every_size_reaches_the_parts(net):
    other = MODELS.build(
        tiny_ssc_net(
            grid_size=[8, 4, 12], img_size=[64, 32], num_classes=5, ignore_index=200
        )
    ).eval()
    assert (other.grid_size, other.img_size, other.num_classes, other.ignore_index) == (
        (8, 4, 12),
        (64, 32),
        5,
        200,
    )
    batch = dict(
        imgs=torch.zeros(1, 3, 64, 32),
        tsdf=torch.zeros(1, 1, 8, 4, 12),
        mapping2d=torch.zeros(1, 64, 32, dtype=torch.long),
    )
    assert other(batch).shape == (1, 5, 8, 4, 12)
    assert other.extract_feat(batch)['logits_2d'].shape == (1, 5, 64, 32)


def renumber_ignored(samples, value):
    """Say ``value`` in place of 255."""
    for sample in samples:
        label = sample.gt_voxel_seg.label
        label[label == 255] = value


@pytest.mark.parametrize('ignore_index', [200, -1])
def test_losses_leave_out_what_the_network_ignores(net, ignore_index):
    """The ignored label's number changes nothing."""
    inputs, samples = make_ssc_batch()
    expected = net.eval()(inputs, samples, mode='loss')
    other = MODELS.build(tiny_ssc_net(ignore_index=ignore_index)).eval()
    other.load_state_dict(net.state_dict())
    renumber_ignored(samples, ignore_index)
    losses = other(inputs, samples, mode='loss')
    for name, value in expected.items():
        assert torch.equal(losses[name], value), name
