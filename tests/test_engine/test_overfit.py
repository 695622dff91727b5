"""A small network learns a few real frames by heart."""

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from cleaners import register_modules  # noqa: F401
from cleaners.evaluation import ssc_confusion

EPOCHS, FRAMES = 100, 8


@pytest.mark.slow
@pytest.mark.parametrize('name', ['cleaners_depth-d32_baseline'])
def test_eight_frames_are_learnt_by_heart(name, nyu_3dsketch_dir, repo_root, tmp_path):
    """Over 90 % of the voxels that count, seen and hidden."""
    init_default_scope('mmdet3d')
    cfg = Config.fromfile(repo_root / f'configs/{name}.py')
    cfg.work_dir, cfg.experiment_name = str(tmp_path), tmp_path.name
    loader = cfg.train_dataloader
    loader.update(batch_size=1, num_workers=0)
    loader.dataset.update(data_root=str(nyu_3dsketch_dir), indices=FRAMES)
    cfg.model.tsdf_encoder.dropout = cfg.model.decode_head.dropout = 0.0
    cfg.model.decode_head.flip_prob = 0.0
    cfg.train_cfg.update(max_epochs=EPOCHS, val_interval=EPOCHS + 1)
    cfg.param_scheduler.T_max = EPOCHS
    cfg.default_hooks.effective_batch.base_batch_size = 1
    cfg.default_hooks.checkpoint.update(interval=EPOCHS, save_best=None)
    for key in ('val_dataloader', 'val_cfg', 'val_evaluator'):
        cfg[key] = None
    runner = Runner.from_cfg(cfg)
    runner.train()

    model = runner.model.eval()
    total = 0
    for sample in runner.train_dataloader.dataset:
        truth = sample['data_samples'].gt_voxel_seg
        batch = dict(
            inputs={key: [value] for key, value in sample['inputs'].items()},
            data_samples=[sample['data_samples']],
        )
        with torch.no_grad():
            pred = model.test_step(batch)[0].pred_voxel_seg.label
        counted = truth.label_weight & (truth.label != 255)
        total = total + ssc_confusion(pred, truth.label, counted, 12)
    assert total.trace() > 0.9 * total.sum()
