"""The published recipe of CVSformer, and its small relatives."""

import numpy as np
import pytest
import torch
from learning_rates import rates_of
from mmdet3d.registry import MODELS
from mmengine.config import Config

SMALL = ('cvsformer_seg2d-d32', 'cvsformer_pred2d-d32')
PREDICTED = dict(type='LoadSeg2D', num_labels=12)


@pytest.fixture(scope='module')
def read(repo_root):
    """Read a config by its name."""

    def read_config(name):
        return Config.fromfile(repo_root / f'configs/{name}.py')

    return read_config


@pytest.fixture(scope='module')
def published(read):
    return read('cvsformer_seg2d')


def test_learning_rate_of_each_iteration(published):
    """0.05 (1 - i / n)^0.9, but for the very end: mmengine's n is one less."""
    length = 2  # iterations of an epoch, in the place of 49
    epochs = published.train_cfg.max_epochs
    total = epochs * length
    assert total == 2000
    rates = rates_of(published.optim_wrapper, published.param_scheduler, epochs, length)
    wanted = 0.05 * (1 - np.arange(total) / (total - 1)) ** 0.9
    np.testing.assert_allclose(rates, wanted, rtol=1e-9)


def test_batch_and_clipping(published):
    """A batch of 16 in training; which parameters decay, the step tells."""
    assert published.optim_wrapper.clip_grad.max_norm == 20
    hook = published.default_hooks.effective_batch
    assert hook.base_batch_size == 16
    assert hook.base_batch_size % published.train_dataloader.batch_size == 0


def test_weights_of_the_classes(published):
    """Ten times what its list has; beds three times that."""
    weights = published.model.decode_head.loss_ssc.class_weight
    listed = [
        0.010820392313388523,
        0.4585814244886793,
        0.0411831291920445,
        0.04826918042332931,
        0.33162496143513115,
        0.22373353821746247,
        3 * 0.09748478737233816,
        0.1478032329336482,
        0.16258443136359715,
        1.0,
        0.0254366993244824,
        0.05126348601814224,
    ]
    np.testing.assert_allclose(weights, np.multiply(10, listed), rtol=1e-12)


def test_initial_weights(published):
    """Of convolutions normal, variance 2 / fan-in; Linear and tokens 0.02."""
    torch.manual_seed(0)
    published.model.update(channels=16, grid_size=(12, 12, 12))
    model = MODELS.build(published.model)
    model.init_weights()
    seen = dict(conv=0, linear=0)
    for name, layer in model.named_modules():
        if isinstance(layer, (torch.nn.Conv1d, torch.nn.Conv3d)):
            kind, wanted = 'conv', (2 / layer.weight[0].numel()) ** 0.5
        elif isinstance(layer, torch.nn.Linear):
            kind, wanted = 'linear', 0.02
        else:
            continue
        if layer.weight.numel() > 1000:
            assert layer.weight.std().item() == pytest.approx(wanted, rel=0.15), name
            seen[kind] += 1
    assert seen['conv'] > 10 and seen['linear'] == 4 * 2 * 6
    fusion = model.decode_head.body.fusion
    for tokens in fusion.view_tokens:
        assert tokens.positions.std().item() == pytest.approx(0.02, rel=0.15)
        for block in tokens.blocks:
            assert block.scale1.tolist() == pytest.approx([1e-5] * 32)
    assert all((attend.project[1].weight == 1).all() for attend in fusion.attentions)


@pytest.mark.parametrize('name', ['cvsformer_seg2d', *SMALL])
def test_data(read, name):
    """Labels of pixels, as many as the network knows; nothing is augmented."""
    cfg = read(name)
    is_predicted = 'pred2d' in name
    num_labels = 12 if is_predicted else 14
    assert MODELS.build(dict(cfg.model.backbone, channels=4)).num_labels == num_labels
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        load = loader.dataset.pipeline[0]
        assert load == (PREDICTED if is_predicted else dict(type='LoadSeg2D'))
        prefix = loader.dataset.data_prefix
        assert prefix.seg2d_path == ('Pred2D' if is_predicted else 'Seg2D')
        assert prefix.img_path is None
        assert len(loader.dataset.pipeline) == 5


def test_a_small_one_differs_in_its_network_alone(read):
    """From CleanerS' small baseline; its losses are the same."""
    ours = read('cvsformer_seg2d-d32').to_dict()
    baseline = read('cleaners_seg2d-d32_baseline').to_dict()
    changed = {key for key in {*ours, *baseline} if ours.get(key) != baseline.get(key)}
    assert changed == {'custom_imports', 'model', 'ssc_net'}
    heads = [cfg['model']['decode_head'] for cfg in (ours, baseline)]
    assert [head.pop('type') for head in heads] == ['CrossViewHead', 'SSCHead']
    assert heads[0] == heads[1]
