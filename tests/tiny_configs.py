"""Configs of the repository on two tiny frames."""

from pathlib import Path

import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config

from cleaners.structures import FrameSizes
from cleaners.testing import write_tiny_dataset
from cleaners.testing.tiny import NUM_CLASSES

CONFIGS = sorted((Path(__file__).resolve().parents[1] / 'configs').glob('*.py'))
CUSTOM = 'cleaners_efflite0-d32_baseline_custom'
TINY = FrameSizes((8, 4, 12), (32, 64), NUM_CLASSES)
# What a discriminator divides by 12. A quarter of it has three planes: of two,
# oneDNN's convolutions in bfloat16 leave gradients of weights unwritten.
TWELFTHS = FrameSizes((12, 12, 24), TINY.img_size, NUM_CLASSES)


def write_data_roots(root):
    """Data sets of tiny frames, and of those of the custom config, by name."""
    custom = Config.fromfile(CONFIGS[0].with_name(f'{CUSTOM}.py')).metainfo
    sizes = dict(
        Tiny=TINY,
        Twelfths=TWELFTHS,
        Custom=FrameSizes(custom.grid_size, custom.img_size, len(custom.classes)),
    )
    for name, of_frames in sizes.items():
        write_tiny_dataset(root / name, 2, 1, sizes=of_frames)
    return {name: root / name for name in sizes}


def generator(cfg):
    """The config of a model, but for a discriminator."""
    return cfg.model.get('generator', cfg.model)


def networks(cfg):
    """The configs of the networks in a config's model."""
    model = generator(cfg)
    return [model[k] for k in ('student', 'teacher') if k in model] or [model]


def reduce_sizes(cfg, sizes):
    """Small photos on a small grid; the architecture stays."""
    for net in networks(cfg):
        net.update(img_size=sizes.img_size, grid_size=sizes.grid_size)
    for transform in cfg.train_dataloader.dataset.pipeline:
        if transform.type == 'RandomApply':
            transform.transforms[0].scale = TINY.img_size[::-1]
        if transform.type == 'mmseg.RandomCrop':
            transform.crop_size = TINY.img_size


def prepare(cfg, data_root, work_dir):
    """Two frames to train, one to predict, nothing to download."""
    for net in networks(cfg):
        if 'Pretrained' in str(net.get('backbone')):
            net.backbone.init_cfg = None
    for split in ('train', 'val', 'test'):
        loader = cfg[f'{split}_dataloader']
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset.update(
            data_root=str(data_root),
            ann_file=f'tiny_infos_{loader.dataset.split}.json',
            filter_cfg=None,  # too few frames to hold some out
            serialize_data=False,
        )  # collects garbage, which takes a while
    cfg.train_dataloader.batch_size = 2
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    cfg.default_hooks.checkpoint = None  # nothing is read again
    cfg.visualizer = dict(type='SSCLocalVisualizer')
    cfg.work_dir, cfg.experiment_name = str(work_dir), work_dir.name
    cfg.log_level = 'ERROR'
    cfg.randomness = dict(seed=0)
    model = generator(cfg)
    if 'teacher' in model:
        torch.manual_seed(1)
        model.teacher_ckpt = str(work_dir / 'teacher.pth')
        work_dir.mkdir(exist_ok=True)
        teacher = MODELS.build(model.teacher)
        torch.save(teacher.state_dict(), model.teacher_ckpt)


def small_config(path, data_roots, work_dir):
    """A config of the repository in small, ready for a Runner."""
    cfg = Config.fromfile(path)
    if path.stem == CUSTOM:
        data = 'Custom'
    else:
        is_larger = 'generator' in cfg.model or 'cvsformer' in path.stem
        data = 'Twelfths' if is_larger else 'Tiny'
        reduce_sizes(cfg, TWELFTHS if is_larger else TINY)
    prepare(cfg, data_roots[data], work_dir)
    return cfg
