"""``--cfg-options``: what does nothing is refused, values keep their text."""

import pytest
from mmengine.config import Config, ConfigDict

from cleaners.engine.config_options import apply_options
from cleaners.utils.errors import InputError

ARGUMENTS = dict(data_root='--data-root DIR')


@pytest.fixture(scope='module')
def configs(repo_root):
    return {
        name: Config.fromfile(
            repo_root / f'configs/cleaners_{name}.py', import_custom_modules=False
        )
        for name in ('b2', 'efflite0-d32_synth', 'b0_baseline', 'b2-d64_from-b2')
    }


def keys(prefixes, last):
    return [f'{prefix}.{last}' for prefix in prefixes]


LOADERS = [f'{part}_dataloader' for part in ('train', 'val', 'test')]
NETWORKS = 'model.student', 'model.teacher'


@pytest.mark.parametrize(
    'config, option, places',
    [
        ('b2', 'teacher_ckpt=x.pth', ['model.teacher_ckpt']),
        ('b2', 'channels=64', keys(NETWORKS, 'channels')),
        (
            'efflite0-d32_synth',
            'max_epochs=8',
            ['train_cfg.max_epochs', 'param_scheduler.T_max'],
        ),
        ('b2', 'max_epochs=8', ['train_cfg.max_epochs', 'param_scheduler.T_max']),
        ('b2', 'batch_size=1', keys(LOADERS, 'batch_size')),
        ('b2', 'lr=1e-4', ['optim_wrapper.optimizer.lr']),
        (
            'b0_baseline',
            'ssc_net.backbone.embed_dims=64',
            ['model.backbone.embed_dims'],
        ),
        ('b2', 'ssc_net.freeze_backbone=False', keys(NETWORKS, 'freeze_backbone')),
        ('b0_baseline', 'pretrained=x.pth', ['model.backbone.init_cfg.checkpoint']),
        ('b2', 'train_pipeline.0.type=X', ['train_dataloader.dataset.pipeline.0.type']),
        (
            'b2-d64_from-b2',
            'teacher_channels=128',
            ['model.kd_surface.teacher_channels', 'model.teacher.channels'],
        ),
        ('b2', 'vis_backends.0.type=X', ['visualizer.vis_backends.0.type']),
    ],
)
def test_a_variable_names_the_keys_that_count(configs, config, option, places):
    """It is set again where it was used when the config was read."""
    with pytest.raises(InputError, match='; set instead: ') as refused:
        apply_options(configs[config], [option], ARGUMENTS)
    found = str(refused.value).split('; set instead: ')[1].split(', ')
    assert sorted(found) == sorted(places)
    assert found[0] == places[0]


@pytest.mark.parametrize(
    'option, message',
    [
        ('data_root=data/x', "'data_root' does nothing: use --data-root DIR"),
        ('custom_imports.imports=x', 'no setting has its value'),
        ('optm_wrapper.optimizer.lr=1', "did you mean 'optim_wrapper'"),
        ('cfg.model=1', "there is no 'cfg'"),
        ('model.student.backbon.depth=1', "did you mean 'backbone'"),
        ('train_cfg.max_epochs.x=1', "what 'x' should be in is 100"),
        ('model.kd_surface.loss_weight=half', "be a number, but got 'half'"),
        ('resume=yes', "'resume' should be True or False, but got 'yes'"),
        ('model.student.backbone.num_layers=[1,2', 'brackets do not match'),
        ('lr', 'needs KEY=VALUE'),
        ('train_cfg=5', "'train_cfg' is a dict of 'type', .*: set one part of it"),
        ('model.kd_surface={}', 'by model.kd_surface=.*; got {}'),
        ("custom_hooks=[dict(type='EMAHook')]", "is no dict; write it so: {'type'"),
        ("custom_hooks={{'type': 1}}", "is no dict; write it so: {'type'"),
        (
            'optim_wrapper.paramwise_cfg.custom_keys.head.lr_mult=2',
            "'custom_keys'; to add one, .*optim_wrapper.paramwise_cfg.custom_keys=",
        ),
    ],
)
def test_one_line_says_what_is_wrong(configs, option, message):
    with pytest.raises(InputError, match=message):
        apply_options(configs['b2'], [option], ARGUMENTS)


DATA_ROOT = 'train_dataloader.dataset.data_root'


@pytest.mark.parametrize(
    'key, text, value',
    [
        (DATA_ROOT, '2024', '2024'),
        (DATA_ROOT, '1e3', '1e3'),
        (DATA_ROOT, 'a,b', 'a,b'),
        (DATA_ROOT, 'my room', 'my room'),
        (DATA_ROOT, 'true', 'true'),
        (DATA_ROOT, '(old) [1]', '(old) [1]'),
        (DATA_ROOT, 'a=b', 'a=b'),
        (DATA_ROOT, "'my room'", 'my room'),
        (DATA_ROOT, '"2024"', '2024'),
        (DATA_ROOT, "it's", "it's"),
        (DATA_ROOT, 'None', None),
        (DATA_ROOT, "'None'", 'None'),
        # None or nothing in the config, but a text to the Runner
        ('load_from', '2024', '2024'),
        ('experiment_name', 'a,b', 'a,b'),
        # nothing in the config
        ('default_hooks.visualization.out_dir', 'my room', 'my room'),
        ('default_hooks.visualization.out_dir', "'2024'", '2024'),
        ('default_hooks.visualization.out_dir', '2024', '2024'),
        ('train_dataloader.dataset.indices', '2', 2),
        # no text in the config: as mmengine reads it
        ('train_cfg.max_epochs', '2024', 2024),
        ('model.student.backbone.num_layers', '1,2, 1,1', [1, 2, 1, 1]),
        ('default_hooks.runtime.keep_freed_mb', 'inf', float('inf')),
        ('model.kd_surface', 'None', None),
        ('custom_hooks', "[{'type': 'EMAHook'}]", [dict(type='EMAHook')]),
        ('param_scheduler', '[]', []),
        ('param_scheduler', "[{'type': 'LinearLR'}]", [dict(type='LinearLR')]),
        (
            'optim_wrapper.paramwise_cfg.custom_keys',
            "{'head.x': {'lr_mult': 2.0}}",
            ConfigDict({'head.x': dict(lr_mult=2.0)}),
        ),
        ('randomness.seed', 'None', None),
        ('default_hooks.compile.enable', 'True', True),
    ],
)
def test_a_value_keeps_its_text(configs, key, text, value):
    cfg = configs['b2'].copy()
    apply_options(cfg, [f'{key}={text}'], ARGUMENTS)
    node = cfg
    for part in key.split('.'):
        node = node[part]
    assert node == value and type(node) is type(value)


def test_a_dict_is_merged_into_the_config(configs):
    cfg = configs['b2'].copy()
    apply_options(cfg, ["train_cfg={'max_epochs': 7, 'val_begin': 2}"], ARGUMENTS)
    assert cfg.train_cfg.max_epochs == 7 and cfg.train_cfg.val_begin == 2
    assert cfg.train_cfg.type == 'EpochBasedTrainLoop'
