"""ResNet-50 against a plain reading of torchvision's weights."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmengine.config import Config

from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net
from cleaners.testing.tiny import GRID_SIZE
from cleaners.utils.errors import InputError

# output stride -> stride of each stage, dilation of its first and other blocks
PLANS = {
    8: ((1, 2, 1, 1), (1, 1, 1, 2), (1, 1, 2, 4)),
    16: ((1, 2, 2, 1), (1, 1, 1, 1), (1, 1, 1, 2)),
}
BLOCKS = (3, 4, 6, 3)
DILATIONS = {8: (1, 1, 2, 4), 16: (1, 1, 1, 2)}


def backbone_cfg(stride=16, **kwargs):
    return dict(
        type='DilatedResNet',
        depth=50,
        out_indices=(3,),
        strides=PLANS[stride][0],
        dilations=DILATIONS[stride],
        **kwargs,
    )


def torchvision_weights(seed=0):
    """Random weights in the names and shapes of torchvision's ResNet-50."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}

    def conv(name, out_channels, in_channels, size):
        shape = (out_channels, in_channels, size, size)
        weights[f'{name}.weight'] = (
            torch.randn(shape, generator=generator)
            * (2 / (in_channels * size**2)) ** 0.5
        )

    def norm(name, channels):
        weights[f'{name}.weight'] = torch.rand(channels, generator=generator) + 0.5
        weights[f'{name}.running_var'] = torch.rand(channels, generator=generator) + 0.5
        for key in ('bias', 'running_mean'):
            weights[f'{name}.{key}'] = 0.1 * torch.randn(channels, generator=generator)

    conv('conv1', 64, 3, 7)
    norm('bn1', 64)
    before = 64
    for stage, count in enumerate(BLOCKS):
        middle = 64 * 2**stage
        for block in range(count):
            prefix = f'layer{stage + 1}.{block}'
            plan = ((middle, before, 1), (middle, middle, 3), (4 * middle, middle, 1))
            for number, sizes in enumerate(plan, 1):
                conv(f'{prefix}.conv{number}', *sizes)
                norm(f'{prefix}.bn{number}', sizes[0])
            if block == 0:
                conv(f'{prefix}.downsample.0', 4 * middle, before, 1)
                norm(f'{prefix}.downsample.1', 4 * middle)
            before = 4 * middle
    weights['fc.weight'] = torch.randn(1000, before, generator=generator)
    weights['fc.bias'] = torch.randn(1000, generator=generator)
    return weights


def plain_resnet50(weights, x, stride):
    """Eval-mode ResNet-50, layer by layer."""

    def norm(x, name):
        return F.batch_norm(
            x,
            weights[f'{name}.running_mean'],
            weights[f'{name}.running_var'],
            weights[f'{name}.weight'],
            weights[f'{name}.bias'],
        )

    x = F.conv2d(x, weights['conv1.weight'], stride=2, padding=3)
    x = F.max_pool2d(F.relu(norm(x, 'bn1')), 3, 2, 1)
    for stage, (step, first, later) in enumerate(zip(*PLANS[stride])):
        for block in range(BLOCKS[stage]):
            name = f'layer{stage + 1}.{block}'
            step, dilation = (step, first) if block == 0 else (1, later)
            out = F.relu(
                norm(F.conv2d(x, weights[f'{name}.conv1.weight']), f'{name}.bn1')
            )
            out = F.conv2d(
                out,
                weights[f'{name}.conv2.weight'],
                stride=step,
                padding=dilation,
                dilation=dilation,
            )
            out = F.relu(norm(out, f'{name}.bn2'))
            out = norm(F.conv2d(out, weights[f'{name}.conv3.weight']), f'{name}.bn3')
            if block == 0:
                x = norm(
                    F.conv2d(x, weights[f'{name}.downsample.0.weight'], stride=step),
                    f'{name}.downsample.1',
                )
            x = F.relu(x + out)
    return x


@pytest.fixture(scope='module')
def released(tmp_path_factory):
    """A file like torchvision's, and its content."""
    path = tmp_path_factory.mktemp('weights') / 'resnet50.pth'
    weights = torchvision_weights()
    torch.save(weights, path)
    return str(path), weights


def load(path, **kwargs):
    backbone = MODELS.build(
        backbone_cfg(init_cfg=dict(type='Pretrained', checkpoint=path), **kwargs)
    )
    backbone.init_weights()
    return backbone.eval()


@pytest.mark.parametrize('stride', [8, 16])
def test_it_computes_what_torchvisions_weights_mean(released, stride):
    path, weights = released
    backbone = load(path, stride=stride).double()
    image = torch.randn(2, 3, 64, 96, dtype=torch.double)
    weights = {name: value.double() for name, value in weights.items()}
    feats = backbone(image)
    assert len(feats) == 1
    assert feats[0].shape == (2, 2048, 64 // stride, 96 // stride)
    torch.testing.assert_close(
        feats[0], plain_resnet50(weights, image, stride), rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize(
    'spoil, match',
    [
        (lambda w: w.pop('layer3.5.conv2.weight'), r'lacks 1 weights.*layer3\.5'),
        (
            lambda w: w.update({'bn1.bias': torch.zeros(3)}),
            r'lacks 1 weights.*bn1\.bias',
        ),
    ],
    ids=['missing', 'shape'],
)
def test_weights_that_do_not_fit_are_refused(released, tmp_path, spoil, match):
    weights = dict(released[1])
    spoil(weights)
    torch.save(weights, tmp_path / 'wrong.pth')
    with pytest.raises(InputError, match=match):
        load(str(tmp_path / 'wrong.pth'))


def resnet_net(repo_root, **kwargs):
    """The tiny network with the 2DNet of the ResNet-50 config."""
    cfg = Config.fromfile(
        repo_root / 'configs/_base_/models/ssc-net_r50.py'
    ).ssc_net.to_dict()
    net = tiny_ssc_net()
    net['backbone'] = dict(cfg['backbone'], init_cfg=None)
    net['head_2d'] = cfg['head_2d']
    net['backbone_eval'] = cfg['backbone_eval']
    net.update(kwargs)
    return net


def step(model, inputs, samples):
    """Losses and gradients of one training step."""
    model.train()
    losses = model(inputs, samples, mode='loss')
    sum(losses.values()).backward()
    return losses


def test_a_frozen_resnet_does_not_move_in_training(repo_root):
    model = MODELS.build(resnet_net(repo_root))
    before = copy.deepcopy(model.backbone.state_dict())
    step(model, *make_ssc_batch())
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(p.grad is None for p in model.backbone.parameters())
    assert model.head_2d.reduce[0].weight.grad.abs().max() > 0


def test_a_resnet_can_be_trained(repo_root):
    model = MODELS.build(
        resnet_net(repo_root, freeze_backbone=False, backbone_eval=False)
    )
    step(model, *make_ssc_batch())
    assert model.backbone.conv1.weight.grad.abs().max() > 0
    assert model.backbone.bn1.num_batches_tracked == 1


def test_teacher_and_student_run_one_resnet(repo_root, tmp_path):
    path = tmp_path / 'teacher.pth'
    cfg = resnet_net(repo_root)
    torch.save(MODELS.build(cfg).state_dict(), path)
    distiller = MODELS.build(dict(tiny_distiller(str(path)), student=cfg, teacher=cfg))
    distiller.student.load_state_dict(torch.load(path))
    distiller.load_teacher()
    assert distiller.teacher.backbone is distiller.student.backbone
    losses = step(distiller, *make_ssc_batch())
    assert set(losses) == {
        'loss_ssc',
        'loss_2d',
        'loss_kd_surface',
        'loss_kd_center',
        'loss_kd_affinity',
    }


def test_a_resnet_student_learns_from_a_segformer(repo_root, tmp_path):
    """Another architecture, and another width: KD-T adapts the channels."""
    path = tmp_path / 'teacher.pth'
    teacher = tiny_ssc_net(channels=12)
    torch.save(MODELS.build(teacher).state_dict(), path)
    distiller = MODELS.build(
        dict(
            tiny_distiller(str(path)),
            student=resnet_net(repo_root),
            teacher=teacher,
            kd_surface=dict(
                type='SurfaceKDLoss', student_channels=8, teacher_channels=12
            ),
        )
    )
    distiller.load_teacher()
    losses = step(distiller, *make_ssc_batch())
    assert all(torch.isfinite(value) for value in losses.values())
    assert distiller.kd_surface.adapter.weight.grad.abs().max() > 0
    assert distiller.student.tsdf_encoder.stem[0][0].weight.grad is not None
    image = distiller(make_ssc_batch()[0], mode='tensor')
    assert image.shape == (2, 12, *GRID_SIZE)
