"""A tiny data set, and a config with every random part of training on."""

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.testing import (
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.testing.tiny import IMG_SIZE

HEIGHT, WIDTH = IMG_SIZE
AUGMENTATION = [
    dict(
        type='RandomApply',
        prob=0.5,
        transforms=[
            dict(
                type='RandomResize',
                scale=(WIDTH, HEIGHT),
                ratio_range=(0.8, 1.2),
                resize_type='mmseg.Resize',
                keep_ratio=True,
            )
        ],
    ),
    dict(type='mmseg.RandomCrop', crop_size=IMG_SIZE),
    dict(type='mmseg.RandomFlip', prob=0.5),
    dict(type='mmseg.PhotoMetricDistortion'),
]


@pytest.fixture(scope='module')
def teacher_ckpt(tmp_path_factory):
    """A teacher of random weights."""
    path = tmp_path_factory.mktemp('teacher') / 'teacher.pth'
    init_default_scope('mmdet3d')
    torch.manual_seed(0)
    torch.save(MODELS.build(tiny_ssc_net()).state_dict(), path)
    return str(path)


@pytest.fixture(scope='module')
def workspace(tmp_path_factory, teacher_ckpt):
    """A folder with a tiny data set and run.py, which distils a student.

    Dropout, drop path and flips are on, images are augmented by two workers,
    and the last gradients of an epoch are fewer than an update is made of.
    """
    root = tmp_path_factory.mktemp('workspace')
    write_tiny_dataset(root / 'Tiny', num_train=6)
    cfg = tiny_runner_cfg(
        root / 'Tiny',
        None,
        tiny_distiller(teacher_ckpt),
        log_level='INFO',
        log_processor=dict(window_size=1),
        param_scheduler=dict(
            type='CosineAnnealingLR', T_max=3, convert_to_iter_based=True
        ),
        find_unused_parameters=False,
    )
    cfg['train_cfg']['max_epochs'] = 3
    cfg['default_hooks'].update(
        logger=dict(type='LoggerHook', interval=1),
        effective_batch=dict(type='EffectiveBatchHook', base_batch_size=4),
        teacher=dict(type='TeacherHook', teacher_config='teacher.py'),
    )
    loader = cfg['train_dataloader']
    loader.update(num_workers=2, worker_init_fn=dict(type='seed_worker'))
    pipeline = list(loader['dataset']['pipeline'])
    pipeline[-1:-1] = AUGMENTATION
    loader['dataset']['pipeline'] = pipeline
    Config(cfg).dump(str(root / 'run.py'))
    return root
