"""Learning rate of each epoch, decay groups, optimiser, clipping."""

import json

import numpy as np
import pytest
import torch
from golden_cases import GOLDEN, ROOT, distillation_cfg
from learning_rates import rates_of
from mmdet3d.registry import MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
from cleaners.models.official_keys import pair_tensors, unused_shapes

CONFIGS = ('cleaners_b2', 'cleaners_b2_baseline', 'cleaners_b2_teacher')


@pytest.fixture(scope='module')
def golden():
    return json.loads((GOLDEN / 'schedule.json').read_text())


@pytest.mark.parametrize('name', CONFIGS)
def test_learning_rate_of_each_epoch(golden, name, within):
    cfg = Config.fromfile(ROOT / f'configs/{name}.py')
    wanted = golden['learning_rate']
    assert cfg.train_cfg.max_epochs == wanted['epochs']
    rates = rates_of(cfg.optim_wrapper, cfg.param_scheduler, wanted['epochs'])
    difference = np.abs(rates / wanted['per_epoch'] - 1).max()
    within('schedule', 'rate (relative)', '-', difference, 1e-9)


def test_optimiser_and_clipping(golden):
    cfg = Config.fromfile(ROOT / 'configs/cleaners_b2.py')
    training = golden['hyper_parameters']['training']
    assert cfg.optim_wrapper.clip_grad == dict(
        max_norm=training['clip_grad_norm'], norm_type=training['clip_norm_type']
    )
    assert cfg.train_dataloader.batch_size == (training['batch_size_per_process'])
    optimizer = build_optim_wrapper(
        torch.nn.Conv2d(2, 2, 1), cfg.optim_wrapper
    ).optimizer
    wanted = golden['optimizer']
    assert type(optimizer).__name__ == wanted['name']
    for group in optimizer.param_groups:
        assert list(group['betas']) == wanted['betas']
        assert group['eps'] == wanted['eps']


def test_what_is_dropped(golden):
    wanted = golden['hyper_parameters']['model']
    cfg = Config.fromfile(ROOT / 'configs/cleaners_b2.py').model.student
    assert cfg.backbone.drop_path_rate == wanted['drop_path_rate']
    network = MODELS.build(cfg)
    assert network.head_2d.dropout.p == wanted['head_dropout']
    assert network.tsdf_encoder.body.dropout.p == wanted['tsdf_dropout']
    assert network.decode_head.dropout.p == wanted['classifier_dropout3d']
    assert network.decode_head.body.dropout.p == 0


@pytest.mark.parametrize('name', CONFIGS)
def test_order_and_augmentation_of_photos(golden, name):
    init_default_scope('mmdet3d')
    loader = Config.fromfile(ROOT / f'configs/{name}.py').train_dataloader
    training = golden['hyper_parameters']['training']
    assert loader.sampler.shuffle == training['shuffle_train']
    assert loader.drop_last == training['drop_last_train']
    resize, crop, flip, colours = golden['hyper_parameters']['train_transforms'][:4]
    ours = {
        cfg.type.split('.')[-1]: TRANSFORMS.build(cfg)
        for cfg in loader.dataset.pipeline
    }
    names = list(ours)
    assert names.index('RandomApply') < names.index('RandomCrop')
    apply = ours['RandomApply']
    assert apply.prob == resize['probability']
    assert list(apply.transforms.transforms[0].ratio_range) == resize['ratio_range']
    assert list(ours['RandomCrop'].crop_size) == crop['size']
    assert ours['RandomFlip'].prob == flip['probability']
    assert ours['RandomFlip'].direction == flip['direction']
    photo = ours['PhotoMetricDistortion']
    assert photo.brightness_delta == colours['brightness_delta']
    assert photo.hue_delta == colours['hue_delta']
    for part in ('contrast', 'saturation'):
        bounds = [getattr(photo, f'{part}_{end}') for end in ('lower', 'upper')]
        assert bounds == colours[f'{part}_range']


def test_what_the_network_sees_of_a_photo(golden):
    wanted = golden['hyper_parameters']['image']
    cfg = Config.fromfile(ROOT / 'configs/cleaners_b2_baseline.py').model
    assert list(cfg.img_size) == wanted['size']
    found = cfg.data_preprocessor
    assert found.mean == wanted['mean_rgb'] and found.std == wanted['std_rgb']
    assert found.bgr_to_rgb and wanted['network_channel_order'] == 'RGB'


def test_decay_groups(golden):
    """Each parameter decays as theirs; all of theirs but the never-used."""
    cfg = distillation_cfg('b2')
    model = MODELS.build(cfg.model)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    pairs = pair_tensors(model.student.state_dict())
    theirs = {pair.ours: pair.theirs[0] for pair in pairs}
    names = {
        id(parameter): theirs[name]
        for name, parameter in model.student.named_parameters()
    }
    found = {
        group['weight_decay']: {names[id(p)] for p in group['params']}
        for group in wrapper.optimizer.param_groups
    }
    unused = set(unused_shapes(pairs))
    groups = golden['optimizer']['groups']
    assert len(groups) == 2
    for group in groups:
        assert found[group['weight_decay']] == set(group['names']) - unused
        assert unused & set(group['names'])


def test_classes_and_colours(golden):
    meta = NYUSSCDataset.METAINFO
    palette = list(golden['palette_rgb'].values())
    assert [list(colour) for colour in meta['palette']] == palette[:12]
    # theirs says 'furn' and 'objs'
    for ours, name in zip(meta['classes'], golden['classes']):
        assert ours.startswith(name) or ours == 'objects'
