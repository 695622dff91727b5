"""What is said before several processes are set up."""

import pytest
from mmengine.config import Config

from cleaners.engine.distributed import prepare_distributed
from cleaners.utils.errors import InputError


@pytest.mark.parametrize(
    'launcher, variable', [('pytorch', 'WORLD_SIZE'), ('slurm', 'SLURM_NTASKS')]
)
def test_a_launcher_that_did_not_launch(monkeypatch, launcher, variable):
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(InputError, match=f'{variable} is not set; start'):
        prepare_distributed(Config(dict(launcher=launcher)))


def test_one_process_needs_nothing(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '4')  # of something else
    cfg = Config(dict(launcher='none', sync_bn='torch'))
    prepare_distributed(cfg)
    assert cfg.to_dict() == dict(launcher='none', sync_bn='torch')
