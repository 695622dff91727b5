"""Every config trains one step and predicts one frame."""

import math
import re

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from tiny_configs import (
    CONFIGS,
    CUSTOM,
    TINY,
    generator,
    small_config,
    write_data_roots,
)

import cleaners.register_modules  # noqa: F401
from cleaners.engine.trained_parts import list_parts

pytestmark = pytest.mark.usefixtures('no_config_text')

# Built, and compared with their like, by test_configs.py: wider ones of the
# families that a -d32 stands for, and one with the losses of others; the roles of
# encoders that only differ in depth, of which the students train both networks;
# those that train on a part of the frames, of which a tiny set has too few.
_LIKE = re.compile(
    r'cleaners_((efflite0|depth|seg2d)(?!-d32)|depth-d32-ce'
    r'|(b1|b3|b4|b5|b2-d64|b2-d128)_(teacher|baseline)|.*_held-out$)'
)
ALIKE = [path for path in CONFIGS if _LIKE.match(path.stem)]
PRETRAINING = [path for path in CONFIGS if path.stem.startswith('pretrain2d')]
# those that families start from; the others leave photos out
STARTS = [p for p in PRETRAINING if not p.stem.endswith(('held-out', 'fold'))]
# of large encoders, one stands for the others in a short run
_LARGE = re.compile(r'cleaners_(b[0345]|b2-|b2_\w)|ammnet_b2|cvsformer_seg2d$')
# batches of two frames for one update, where it is not of four frames
OWN_COUNTS = dict(cvsformer_seg2d=8)
# the parts of a config's name, and what the log calls their losses
KD_LOSSES = dict(t='surface', sc='center', sa='affinity')


@pytest.fixture(scope='module')
def data_roots(tmp_path_factory):
    """Folders of tiny data sets."""
    return write_data_roots(tmp_path_factory.mktemp('data'))


class KeepInitialWeights(Hook):
    """Copies the weights once they are initialised."""

    def before_train(self, runner):
        self.state = {
            name: value.clone() for name, value in runner.model.state_dict().items()
        }


def expected_kd_losses(name):
    """Those that an ablation keeps, else all."""
    last = name.split('_')[-1]
    parts = last.split('-')[1:] if last.startswith('kd-') else KD_LOSSES
    return {KD_LOSSES[part] for part in parts}


@pytest.mark.parametrize(
    'path',
    [
        pytest.param(
            path,
            id=path.stem,
            marks=[pytest.mark.long] if _LARGE.match(path.stem) else [],
        )
        for path in CONFIGS
        if path not in ALIKE + PRETRAINING
    ],
)
def test_a_config_trains_and_predicts(path, data_roots, tmp_path):
    init_default_scope('mmdet3d')
    cfg = small_config(path, data_roots, tmp_path / path.stem)
    is_adversarial = 'generator' in cfg.model
    distils = 'teacher' in generator(cfg)
    runner = Runner.from_cfg(cfg)
    before = KeepInitialWeights()
    runner.register_hook(before)
    runner.train()
    # the recipe, without tools/train.py: 4 frames, 1 of the synthetic rooms
    is_small = path.stem == CUSTOM or 'synth' in path.stem or '-d32' in path.stem
    counts = 1 if is_small else OWN_COUNTS.get(path.stem, 2)
    parts = list_parts(runner)
    assert [p.optim_wrapper._accumulative_counts for p in parts] == [counts] * (
        1 + is_adversarial
    )

    logged = runner.message_hub.log_scalars
    # the norm is that before clipping
    names = [
        part.key('', 'grad_norm')
        for part in parts
        if part.optim_wrapper.clip_grad_kwargs
    ]
    values = {name: logged[f'train/{name}'].current() for name in ('loss', *names)}
    kd_losses = {
        name[len('train/loss_kd_') :]
        for name in logged
        if name.startswith('train/loss_kd_')
    }
    assert kd_losses == (expected_kd_losses(path.stem) if distils else set())
    assert all(math.isfinite(v) and v > 0 for v in values.values()), values

    network = getattr(runner.model, 'segmentor', runner.model)
    after = runner.model.state_dict()
    trained = {
        name.split('.')[0]
        for name, value in before.state.items()
        if not torch.equal(value, after[name])
    }
    parts = {'head_2d', 'tsdf_encoder', 'decode_head'}
    if network.head_2d is None:
        parts.remove('head_2d')
    if (
        network.backbone is not None
        and next(network.backbone.parameters()).requires_grad
    ):
        parts.add('backbone')
    assert trained == parts

    classes = runner.val_dataloader.dataset.metainfo['classes']
    assert f'val/ssc/{classes[-1]}' in logged
    sample = runner.val_dataloader.dataset[0]
    batch = dict(
        inputs={k: [v] for k, v in sample['inputs'].items()},
        data_samples=[sample['data_samples']],
    )
    label = runner.model.test_step(batch)[0].pred_voxel_seg.label
    assert tuple(label.shape) == network.grid_size
    assert label.max() < len(classes)


@pytest.mark.parametrize('path', STARTS, ids=lambda path: path.stem)
def test_the_networks_of_a_family_start_from_their_2d_part(path, data_roots, tmp_path):
    """One step of the 2D part; then a network that has its weights."""
    init_default_scope('mmdet3d')
    cfg = Config.fromfile(path)
    cfg.model.backbone.init_cfg = None
    cfg.model.head_2d.img_size = TINY.img_size
    cfg.model.data_preprocessor.size = TINY.img_size
    pipeline = cfg.train_dataloader.dataset.pipeline
    pipeline[2].scale, pipeline[3].crop_size = TINY.img_size[::-1], (TINY.img_size)
    for split, part in (('train', 'train'), ('val', 'test')):
        loader = cfg[f'{split}_dataloader']
        loader.num_workers = 0
        loader.dataset.update(
            data_root=str(data_roots['Tiny']),
            ann_file=f'tiny_infos_{part}.json',
            serialize_data=False,
        )
        loader.dataset.data_prefix.img_path = f'{part}set/RGB'
    cfg.train_dataloader.batch_size = 2
    cfg.default_hooks.effective_batch.base_batch_size = 2
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    cfg.param_scheduler.T_max = 1
    cfg.visualizer = dict(type='SSCLocalVisualizer')
    cfg.work_dir, cfg.log_level = str(tmp_path / 'run'), 'ERROR'
    cfg.experiment_name = tmp_path.name
    runner = Runner.from_cfg(cfg)
    runner.train()
    assert 0 <= runner.message_hub.get_scalar('val/mIoU').current() <= 100

    net = Config.fromfile(
        path.with_name(f'{path.stem.replace("pretrain2d", "cleaners")}_baseline.py')
    ).model
    network = MODELS.build(dict(net, pretrained_2d=cfg.work_dir))
    network.init_weights()
    found = network.state_dict()
    for name, value in runner.model.state_dict().items():
        assert torch.equal(value, found[name]), name
