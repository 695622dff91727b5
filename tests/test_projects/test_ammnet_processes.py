"""Two processes train a network and its discriminator, each with its optimizer."""

import torch
from forked_processes import run_ranks
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from tiny_ammnet import SIZES, tiny_run_cfg

from cleaners.testing import write_tiny_dataset
from cleaners.utils.model_wrapper import unwrap

PARTS = ('generator', 'discriminator')
WRAPPER = dict(type='MMSeparateDistributedDataParallel', device_ids=None)


def trained(data_root, work_dir):
    """Train an epoch; return the weights, which have changed, and the frames."""
    cfg = tiny_run_cfg(
        data_root,
        work_dir,
        train_cfg=dict(by_epoch=True, max_epochs=1),
        launcher='pytorch',
        model_wrapper_cfg=WRAPPER,
        experiment_name='run',
    )
    init_default_scope('mmdet3d')
    runner = Runner.from_cfg(Config(cfg))
    model = unwrap(runner.model)
    frames = []
    step = model.train_step

    def watched_step(data, optim_wrapper):
        frames.extend(sample.sample_idx for sample in data['data_samples'])
        return step(data, optim_wrapper)

    model.train_step = watched_step
    before = {name: value.clone() for name, value in model.named_parameters()}
    runner.train()
    return dict(
        moved=[n for n, p in model.named_parameters() if not torch.equal(p, before[n])],
        weights=dict(model.named_parameters()),
        frames=frames,
    )


def test_both_stay_the_same_in_all_processes(tmp_path):
    """Though each process sees frames of its own."""
    write_tiny_dataset(tmp_path / 'Tiny', 4, 1, sizes=SIZES)
    first, second = run_ranks(2, tmp_path, trained, tmp_path / 'Tiny', tmp_path / 'run')
    seen = [set(result['frames']) for result in (first, second)]
    assert [len(frames) for frames in seen] == [2, 2] and not seen[0] & seen[1]
    for part in PARTS:
        assert any(name.startswith(part) for name in first['moved'])
    assert first['weights'].keys() == second['weights'].keys()
    for name, value in first['weights'].items():
        assert torch.equal(value, second['weights'][name]), name
