"""mmengine's FlexibleRunner in the place of its Runner."""

import pytest
from mmengine.config import Config

import cleaners.register_modules  # noqa: F401
from cleaners.engine.run_setup import build_runner
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset

pytestmark = pytest.mark.usefixtures('no_config_text')


def test_batches_are_accumulated_by_a_flexible_runner(tmp_path):
    write_tiny_dataset(tmp_path / 'Tiny', 4, 1)
    cfg = tiny_runner_cfg(tmp_path / 'Tiny', tmp_path / 'run', tiny_ssc_net())
    cfg['default_hooks']['effective_batch'] = dict(
        type='EffectiveBatchHook', base_batch_size=4
    )
    cfg.update(runner_type='FlexibleRunner', launcher='none', env_cfg={})
    runner = build_runner(Config(cfg))
    assert type(runner).__name__ == 'FlexibleRunner'
    runner.train()
    assert runner.optim_wrapper._accumulative_counts == 2
    assert (tmp_path / 'run/epoch_2.pth').is_file()
