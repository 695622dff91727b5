"""How many batches make an update, and whether there is one at all."""
import pytest
from mmengine.config import Config
from mmengine.dataset import DefaultSampler
from torch.utils.data import DataLoader

from cleaners.engine.run_setup import (check_train_frames, count_processes,
                                       prepare_distributed, set_accumulation)
from cleaners.utils.errors import InputError


def make_cfg(batch_size=2, base=4, launcher='none', **kwargs):
    return Config(
        dict(
            launcher=launcher,
            train_dataloader=dict(batch_size=batch_size),
            optim_wrapper=dict(type='OptimWrapper'),
            auto_accumulate=dict(base_batch_size=base),
            **kwargs))


@pytest.mark.parametrize('batch_size, processes, base, counts', [
    (1, 1, 4, 4),
    (2, 1, 4, 2),
    (2, 2, 4, 1),
    (1, 2, 4, 2),
    (1, 4, 4, 1),
    (4, 1, 4, 1),
    (1, 1, 1, 1),
    (2, 8, 4, 1),
    (3, 2, 4, 1),
])
@pytest.mark.parametrize('launcher, variable', [('pytorch', 'WORLD_SIZE'),
                                                ('slurm', 'SLURM_NTASKS')])
def test_the_effective_batch_stays(monkeypatch, batch_size, processes, base,
                                   counts, launcher, variable):
    monkeypatch.setenv(variable, str(processes))
    cfg = make_cfg(batch_size, base, launcher)
    set_accumulation(cfg)
    assert cfg.optim_wrapper.accumulative_counts == counts


@pytest.mark.parametrize('name, counts', [('cleaners_b2', 2),
                                          ('cleaners_b0_synth', 1)])
def test_one_process_of_a_config(repo_root, name, counts):
    """The recipe is 4 frames; that of the demo 1."""
    cfg = Config.fromfile(repo_root / f'configs/{name}.py')
    cfg.launcher = 'none'
    set_accumulation(cfg)
    assert cfg.optim_wrapper.accumulative_counts == counts


def test_one_process_needs_no_launcher(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '4')  # of something else
    cfg = make_cfg()
    set_accumulation(cfg)
    assert cfg.optim_wrapper.accumulative_counts == 2


@pytest.mark.parametrize('batch_size, base, message', [
    (3, 4, r'batch_size 3 x 1 processes do not divide .*=4: .*_size=3$'),
    (3, 8, r'batch_size 3 x 1 processes do not divide .*=8: .*_size=6$'),
    (2, 0, 'should be a number from 1 on, but got 0'),
    (2, None, 'should be a number from 1 on, but got None'),
])
def test_what_does_not_divide_is_refused(batch_size, base, message):
    with pytest.raises(InputError, match=message):
        set_accumulation(make_cfg(batch_size, base))


def test_none_leaves_the_counts_alone():
    cfg = make_cfg()
    cfg.merge_from_dict({
        'auto_accumulate': None,
        'optim_wrapper.accumulative_counts': 7
    })
    set_accumulation(cfg)
    assert cfg.optim_wrapper.accumulative_counts == 7


@pytest.mark.parametrize('launcher, variable', [('pytorch', 'WORLD_SIZE'),
                                                ('slurm', 'SLURM_NTASKS')])
def test_a_launcher_that_did_not_launch(monkeypatch, launcher, variable):
    monkeypatch.delenv(variable, raising=False)
    for refuse in (lambda: count_processes(launcher),
                   lambda: prepare_distributed(make_cfg(launcher=launcher))):
        with pytest.raises(InputError, match=f'{variable} is not set; start'):
            refuse()


@pytest.mark.parametrize('frames, drop_last, fits', [
    (1, True, False),
    (2, True, True),
    (1, False, True),
])
def test_a_training_set_fills_a_batch(frames, drop_last, fits):
    frames = range(frames)
    loader = DataLoader(
        frames,
        batch_size=2,
        sampler=DefaultSampler(frames),
        drop_last=drop_last)
    if fits:
        check_train_frames(loader)
        return
    with pytest.raises(
            InputError,
            match='1 frames for each process do not fill one batch of 2'):
        check_train_frames(loader)
