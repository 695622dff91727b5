"""The published recipe of 3D-Sketch, and its small relatives."""

import copy

import numpy as np
import pytest
import torch
from learning_rates import rates_of
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

import sketch3d.register_modules  # noqa: F401

BASELINES = ('efflite0-d32', 'depth-d32')
CONVS = (torch.nn.Conv2d, torch.nn.Conv3d)


@pytest.fixture(scope='module')
def read(repo_root):
    """Read a config by its name."""

    def read_config(name):
        return Config.fromfile(repo_root / f'configs/{name}.py')

    return read_config


@pytest.fixture(scope='module')
def published(read):
    cfg = read('sketch3d_r50')
    cfg.model.backbone.init_cfg = None
    return cfg


def test_learning_rate_of_each_iteration(published):
    """0.1 (1 - i / n)^0.9, but for the very end: mmengine's n is one less."""
    length = 7  # iterations of an epoch, in the place of some 200
    epochs = published.train_cfg.max_epochs
    total = epochs * length
    assert total == 1750
    rates = rates_of(published.optim_wrapper, published.param_scheduler, epochs, length)
    wanted = 0.1 * (1 - np.arange(total) / (total - 1)) ** 0.9
    np.testing.assert_allclose(rates, wanted, rtol=1e-9)
    published = 0.1 * (1 - np.arange(total) / total) ** 0.9
    assert np.abs(rates - published).max() <= 1.01 * published[-1]


def test_optimizer(published):
    """SGD without clipping; norms and biases do not decay."""
    model = MODELS.build(published.model)
    wrapper = build_optim_wrapper(model, published.optim_wrapper)
    assert not wrapper.clip_grad_kwargs
    assert published.default_hooks.effective_batch.base_batch_size == 4
    decays = {
        id(p): group['weight_decay']
        for group in wrapper.optimizer.param_groups
        for p in group['params']
    }
    for group in wrapper.optimizer.param_groups:
        assert (group['momentum'], group['nesterov']) == (0.9, False)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            flat = parameter.ndim == 1
            assert decays[id(parameter)] == (0.0 if flat else 5e-4), name
        assert parameter.requires_grad != name.startswith('backbone.')


def test_initial_weights(published, tmp_path):
    """Convolutions of fan-in n: normal, variance 2 / n.

    The backbone's are those of its file.
    """
    torch.manual_seed(0)
    cfg = copy.deepcopy(published.model)
    cfg.backbone.update(base_channels=8, stem_channels=16)
    cfg.head_2d.in_channels = 256
    released = MODELS.build(cfg.backbone).state_dict()
    torch.save(released, tmp_path / 'resnet.pth')
    cfg.backbone.init_cfg = dict(
        type='Pretrained', checkpoint=str(tmp_path / 'resnet.pth')
    )
    model = MODELS.build(cfg)
    model.init_weights()
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, released[name]), name
    seen = 0
    for name, layer in model.named_modules():
        if name.startswith('backbone') or not isinstance(layer, CONVS):
            continue
        weight, fan_in = layer.weight, layer.weight[0].numel()
        if weight.numel() < 1000:
            continue
        assert weight.std().item() == pytest.approx((2 / fan_in) ** 0.5, rel=0.15), name
        # beyond what a uniform one of this variance reaches
        assert weight.abs().max() > (6 / fan_in) ** 0.5, name
        seen += 1
    assert seen > 60
    transposed = model.decode_head.body.up1[0].weight
    assert transposed.abs().max() <= (transposed.shape[1] * 27) ** -0.5


def test_data_are_not_augmented(published):
    train, test = (
        published[f'{split}_dataloader'].dataset.pipeline for split in ('train', 'test')
    )
    assert train == test
    assert published.model.decode_head.flip_prob == 0
    assert published.model.backbone_eval


@pytest.mark.parametrize('name', BASELINES)
def test_a_small_one_differs_in_its_tsdf_branch_alone(read, name):
    ours = read(f'sketch3d_{name}').to_dict()
    baseline = read(f'cleaners_{name}_baseline').to_dict()
    assert ours['model'].pop('type') == 'SketchSegmentor'
    assert ours['model'].pop('tsdf_encoder') == dict(
        type='SketchEncoder', cvae=dict(type='SketchCVAE')
    )
    del baseline['model']['type'], baseline['model']['tsdf_encoder']
    changed = {key for key in {*ours, *baseline} if ours.get(key) != baseline.get(key)}
    assert changed == {'custom_imports', 'ssc_net'}
