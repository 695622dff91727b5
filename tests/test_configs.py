"""Every config builds, and says what its name says."""

from pathlib import Path

import numpy as np
import pytest
import torch
from learning_rates import rates_of
from mmdet3d.registry import HOOKS, METRICS, MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.datasets import nyu
from cleaners.engine.run_setup import list_metrics
from cleaners.testing import tiny_runner_cfg

CONFIGS = sorted((Path(__file__).resolve().parents[1] / 'configs').glob('*.py'))


@pytest.fixture(params=CONFIGS, ids=lambda path: path.stem, scope='module')
def cfg(request):
    init_default_scope('mmdet3d')
    return Config.fromfile(request.param)


def test_everything_in_a_config_builds(cfg):
    # 1.7 GB of weights are not made
    device = 'meta' if cfg.model.type == 'CrossViewSegmentor' else 'cpu'
    with torch.device(device):
        model = MODELS.build(cfg.model)
    build_optim_wrapper(model, cfg.optim_wrapper)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        for transform in loader.dataset.pipeline:
            TRANSFORMS.build(transform)
        assert loader.dataset.type == 'NYUSSCDataset'
    for hook in cfg.default_hooks.values():
        HOOKS.build(hook)
    for metric in list_metrics(cfg):
        METRICS.build(metric)


# what stands between a user and a training that goes wrong in silence
GUARDS = {
    'CheckpointCheckHook',
    'ResumeCheckHook',
    'FiniteCheckHook',
    'SizeCheckHook',
    'ProfileCheckHook',
    'MissedValidationHook',
    'EpochSeedHook',
    'EffectiveBatchHook',
    'RuntimeSettingsHook',
}


def test_every_training_is_guarded(cfg):
    hooks = {hook.type for hook in cfg.default_hooks.values()}
    assert hooks >= GUARDS
    small = tiny_runner_cfg('', '', {})['default_hooks']
    assert {hook['type'] for hook in small.values()} <= hooks | {'TeacherHook'}
    best = cfg.default_hooks.checkpoint
    score = 'mIoU' if cfg.model.type == 'Segmentor2D' else 'ssc/mIoU'
    assert (best.save_best, best.rule) == (score, 'greater')
    assert cfg.sync_bn == 'torch'
    assert cfg.train_dataloader.worker_init_fn == dict(type='seed_worker')
    assert cfg.train_dataloader.sampler == dict(type='DefaultSampler', shuffle=True)


@pytest.mark.parametrize(
    'name, lr, epochs, is_bfloat16',
    [
        ('cleaners_depth-d32_baseline', 2e-3, 20, True),
        ('cleaners_depth-d32', 2e-3, 20, True),
        ('ammnet_efflite0-d32', 2e-3, 20, True),
        ('sketch3d_efflite0-d32', 2e-3, 20, True),
        ('pretrain2d_efflite0-d32', 5e-4, 6, False),
    ],
)
def test_small_networks_fall_by_a_cosine(name, lr, epochs, is_bfloat16):
    cfg = config(name)
    wrapper, scheduler = cfg.optim_wrapper, cfg.param_scheduler
    if 'generator' in wrapper:
        assert wrapper.discriminator.optimizer.lr == 1e-3
        assert scheduler.discriminator == []
        wrapper, scheduler = wrapper.generator, scheduler.generator
    assert (wrapper.type == 'BFloat16OptimWrapper') == is_bfloat16
    assert cfg.train_cfg.max_epochs == epochs
    steps = np.arange(epochs * 7) / (epochs * 7)
    wanted = 1e-7 + (lr - 1e-7) * (1 + np.cos(np.pi * steps)) / 2
    np.testing.assert_allclose(rates_of(wrapper, scheduler, epochs, 7), wanted, 1e-9)


@pytest.mark.parametrize('kind', ['OptimWrapper', 'BFloat16OptimWrapper'])
def test_the_precision_of_small_networks_is_chosen_by_a_type(kind):
    wrapper = config('cleaners_depth-d32_baseline').optim_wrapper
    wrapper.type = kind
    built = build_optim_wrapper(torch.nn.Linear(2, 2), wrapper)
    assert type(built).__name__ == kind


def test_losses_of_small_networks():
    head = MODELS.build(config('cleaners_depth-d32_baseline').model).decode_head
    assert type(head.loss_iou).__name__ == 'LovaszLoss'
    weights = (head.loss_ssc, head.loss_iou, head.loss_void)
    assert [loss.loss_weight for loss in weights] == [1, 1, 0.25]
    found = head.loss_ssc.class_weight
    # rare ones count most
    assert [nyu.CLASSES[i] for i in np.argsort(found)] == [
        'empty',
        'furniture',
        'floor',
        'wall',
        'objects',
        'bed',
        'sofa',
        'table',
        'chair',
        'window',
        'ceiling',
        'tvs',
    ]
    plain = MODELS.build(config('cleaners_depth-d32-ce_baseline').model).decode_head
    assert plain.loss_iou is plain.loss_void is plain.loss_ssc.class_weight is None


def role_of(name):
    return next((r for r in ('teacher', 'baseline') if r in name), 'student')


@pytest.mark.parametrize(
    'path',
    [p for p in CONFIGS if p.stem.startswith(('cleaners', 'ammnet_b2'))],
    ids=lambda path: path.stem,
)
def test_each_role_sees_its_tsdf(path):
    """The teacher reads TSDF-CAD; only distillation reads both."""
    cfg = Config.fromfile(path)
    # AMMNet's own recipe has no teacher
    role = 'baseline' if path.stem == 'ammnet_b2' else role_of(path.stem)
    train = cfg.train_dataloader.dataset.data_prefix
    assert (train.tsdf_path == '{twin}/TSDF') == (role == 'teacher')
    assert ('tsdf_cad_path' in train) == (role == 'student')
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.data_prefix.tsdf_path == train.tsdf_path
        assert 'tsdf_cad_path' not in loader.dataset.data_prefix
    model = cfg.model.get('generator', cfg.model)
    assert model.type == ('CleanerDistiller' if role == 'student' else 'SSCSegmentor')


# ends of names: how a student is trained or tested, and by which losses
MODES = ('amp', 'cp', 'ema', 'tta')
STUDENTS = [
    p
    for p in CONFIGS
    if p.stem.startswith('cleaners')
    and role_of(p.stem) == 'student'
    and not any(
        part in MODES or part.startswith(('kd-', 'from-')) for part in p.stem.split('_')
    )
]
# NYUCAD is clean, so that the same network on the same input is the teacher
OWN_TEACHERS = dict(cleaners_b2_nyucad='cleaners_b2_baseline_nyucad')


@pytest.mark.parametrize('path', STUDENTS, ids=lambda path: path.stem)
def test_a_student_is_its_baseline_and_finds_its_teacher(path):
    """Distillation changes the losses, nothing else."""
    student = Config.fromfile(path)
    network = path.stem.split('_')[1]
    suffix = ''.join(f'_{part}' for part in path.stem.split('_')[2:])
    baseline = Config.fromfile(
        path.with_name(f'cleaners_{network}_baseline{suffix}.py')
    )
    teacher = path.with_name(
        OWN_TEACHERS.get(path.stem, f'cleaners_{network}_teacher{suffix}') + '.py'
    )
    assert student.model.student == baseline.model
    assert student.model.teacher == Config.fromfile(teacher).model
    assert student.model.teacher_ckpt == f'work_dirs/{teacher.stem}'
    assert student.default_hooks.teacher.teacher_config == (f'configs/{teacher.name}')
    for key in ('optim_wrapper', 'param_scheduler', 'train_cfg'):
        assert student[key] == baseline[key]


@pytest.mark.parametrize('family', ['depth', 'efflite0'])
def test_what_is_held_out_is_validated_on(family):
    """Nothing else of a baseline changes but how long it trains."""
    name = f'cleaners_{family}-d32_baseline'
    plain, variant = config(name), config(f'{name}_held-out')
    pictures = dict(depth=('depth',), efflite0=('depth', 'img'))[family]
    assert changed_keys(plain.to_dict(), variant.to_dict()) == {
        *(f'val_dataloader.dataset.data_prefix.{name}_path' for name in pictures),
        'max_epochs',
        'param_scheduler.T_max',
        'train_cfg.max_epochs',
        'train_cfg.val_interval',
        'train_dataloader.dataset.filter_cfg',
        'val_dataloader.dataset.ann_file',
        'val_dataloader.dataset.filter_cfg',
        'val_dataloader.dataset.split',
        'val_evaluator',
    }
    assert variant.val_evaluator == variant.test_evaluator == plain.test_evaluator
    parts = dict(train='rest', val='held_out')
    for loader, part in parts.items():
        data = variant[f'{loader}_dataloader'].dataset
        assert data.ann_file == 'nyu_infos_train.json' and data.split == 'train'
        assert data.filter_cfg == dict(part=part, share=0.1)


@pytest.mark.parametrize('name', ['ammnet_b2_cleaners', 'ammnet_b2_cleaners-adv'])
def test_a_student_of_ammnet_finds_its_teacher(name):
    folder = CONFIGS[0].parent
    cfg = Config.fromfile(folder / f'{name}.py')
    teacher = Config.fromfile(folder / 'ammnet_b2_teacher.py')
    ours = Config.fromfile(folder / 'ammnet_b2.py')
    model = cfg.model.get('generator', cfg.model)
    assert model.student == ours.model.generator
    assert model.teacher == teacher.model
    assert model.teacher_ckpt == 'work_dirs/ammnet_b2_teacher'
    assert cfg.default_hooks.teacher.teacher_config == 'configs/ammnet_b2_teacher.py'


def changed_keys(first, second, prefix=''):
    """Return the dotted keys in which two configs differ."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return set() if first == second else {prefix[:-1]}
    return {
        key
        for name in {*first, *second}
        for key in changed_keys(first.get(name), second.get(name), f'{prefix}{name}.')
    }


@pytest.mark.parametrize(
    'mode, changes',
    [
        ('amp', {'optim_wrapper.type', 'default_hooks.runtime.allow_tf32'}),
        (
            'cp',
            {
                'model.student.head_2d.with_cp',
                'model.student.tsdf_encoder.with_cp',
                'model.student.decode_head.with_cp',
                'default_hooks.runtime.keep_freed_mb',
                'checkpointed',
            },
        ),
        ('ema', {'custom_hooks'}),
        ('tta', {'model.student.decode_head.flip_test'}),
        ('kd-t', {'model.kd_center', 'model.kd_affinity'}),
        ('kd-sc', {'model.kd_surface', 'model.kd_affinity'}),
        ('kd-sa', {'model.kd_surface', 'model.kd_center'}),
        ('kd-t-sc', {'model.kd_affinity'}),
        ('kd-t-sa', {'model.kd_center'}),
        ('kd-sc-sa', {'model.kd_surface'}),
    ],
)
def test_a_mode_changes_nothing_else(mode, changes):
    plain, variant = (config(f'cleaners_b2{end}') for end in ('', f'_{mode}'))
    assert changed_keys(plain.to_dict(), variant.to_dict()) == changes


def config(name):
    return Config.fromfile(CONFIGS[0].with_name(f'{name}.py'))


DEPTH = {'backbone.num_layers', 'backbone.init_cfg.checkpoint'}


@pytest.mark.parametrize(
    'name, changes',
    [
        ('b0', DEPTH | {'backbone.embed_dims', 'head_2d.in_channels'}),
        ('b1', DEPTH),
        ('b3', DEPTH),
        ('b4', DEPTH),
        ('b5', DEPTH),
        ('b2-d64', {'channels'}),
        ('b2-d128', {'channels'}),
        (
            'r50',
            {
                *(
                    f'backbone.{key}'
                    for key in (
                        'type',
                        'embed_dims',
                        'num_layers',
                        'num_heads',
                        'sr_ratios',
                        'drop_path_rate',
                        'depth',
                        'out_indices',
                        'strides',
                        'dilations',
                        'init_cfg.checkpoint',
                    )
                ),
                'backbone_eval',
                'head_2d.type',
                'head_2d.in_channels',
            },
        ),
    ],
)
def test_a_member_of_the_family_changes_nothing_else(name, changes):
    plain, variant = (
        config(f'cleaners_{member}_baseline').to_dict() for member in ('b2', name)
    )
    assert changed_keys(plain['model'], variant['model']) == changes
    del plain['model'], variant['model']
    others = changed_keys(plain, variant)
    assert {key.split('.')[0] for key in others} <= {'ssc_net', 'pretrained'}


@pytest.mark.parametrize(
    'name, student, teacher',
    [
        ('cleaners_b0_from-b2', 'cleaners_b0', 'cleaners_b2_teacher'),
        ('cleaners_b2-d64_from-b2', 'cleaners_b2-d64', 'cleaners_b2_teacher'),
    ],
)
def test_a_student_may_have_a_bigger_teacher(name, student, teacher):
    """Each network is that of its own config, but for pretrained weights."""
    cfg = config(name)
    assert cfg.model.student == config(student).model.student
    cfg.model.teacher.backbone.init_cfg = None
    bigger = config(teacher).model
    bigger.backbone.init_cfg = None
    assert cfg.model.teacher == bigger
    assert cfg.model.teacher_ckpt == f'work_dirs/{teacher}'
    assert cfg.default_hooks.teacher.teacher_config == f'configs/{teacher}.py'


@pytest.mark.parametrize('width', [64, 256])
@pytest.mark.parametrize('family', ['efflite0', 'depth', 'seg2d'])
def test_a_small_network_has_wider_ones(family, width):
    name = f'cleaners_{family}' + ('-d64' if width == 64 else '')
    for role in ('', '_teacher', '_baseline'):
        narrow = config(f'cleaners_{family}-d32{role}').to_dict()
        wide = config(name + role).to_dict()
        changes = {'model.channels', 'ssc_net.channels'}
        if not role:
            changes = {
                'ssc_net.channels',
                'model.student.channels',
                'model.teacher.channels',
                'model.teacher_ckpt',
                'teacher_ckpt',
                'default_hooks.teacher.teacher_config',
            }
        assert changed_keys(narrow, wide) == changes
        assert wide['ssc_net']['channels'] == width


@pytest.mark.parametrize(
    'family, missing',
    [
        ('efflite0', set()),
        ('depth', {'backbone', 'head_2d', 'voxel_neck'}),
        ('seg2d', {'head_2d'}),
    ],
)
def test_a_family_has_its_parts(family, missing):
    init_default_scope('mmdet3d')
    network = MODELS.build(config(f'cleaners_{family}-d32_baseline').model)
    parts = ('backbone', 'head_2d', 'voxel_neck', 'tsdf_encoder', 'decode_head')
    assert {name for name in parts if getattr(network, name) is None} == (missing)
