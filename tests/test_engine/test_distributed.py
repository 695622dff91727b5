"""What is said before several processes are set up."""

import pytest
import torch
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


def test_a_wrapper_of_its_own_looks_for_unused_parameters_too():
    wrapper = dict(type='MMSeparateDistributedDataParallel')
    cfg = dict(launcher='none', find_unused_parameters=True, model_wrapper_cfg=wrapper)
    cfg = Config(cfg)
    prepare_distributed(cfg)
    assert cfg.model_wrapper_cfg == dict(wrapper, find_unused_parameters=True)
    cfg.find_unused_parameters = False  # what the wrapper says counts
    prepare_distributed(cfg)
    assert cfg.model_wrapper_cfg.find_unused_parameters


def test_a_wrapper_of_another_kind_is_left_alone(monkeypatch):
    """Such as FSDP, which has no such argument, and needs GPUs."""
    wrapper = dict(type='MMFullyShardedDataParallel')
    cfg = Config(dict(launcher='pytorch', model_wrapper_cfg=wrapper))
    monkeypatch.setenv('WORLD_SIZE', '2')
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    prepare_distributed(cfg)
    assert cfg.model_wrapper_cfg == wrapper
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    with pytest.raises(InputError, match='=MMFullyShardedDataParallel needs GPUs'):
        prepare_distributed(cfg)


def test_more_processes_than_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    monkeypatch.setenv('WORLD_SIZE', '2')
    monkeypatch.setenv('LOCAL_RANK', '0')
    prepare_distributed(Config(dict(launcher='pytorch')))
    monkeypatch.setenv('LOCAL_RANK', '1')
    with pytest.raises(InputError, match='process 2 .* has no GPU: there are 1'):
        prepare_distributed(Config(dict(launcher='pytorch')))


def test_one_process_needs_nothing(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '4')  # of something else
    cfg = Config(dict(launcher='none', sync_bn='torch'))
    prepare_distributed(cfg)
    assert cfg.to_dict() == dict(launcher='none', sync_bn='torch')
