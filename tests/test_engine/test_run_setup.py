"""What the command line makes of a config."""

import argparse
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

from cleaners.engine import run_setup
from cleaners.engine.student_config import student_cfg
from cleaners.models.distillers import CleanerDistiller
from cleaners.utils.errors import InputError

LOG = logging.getLogger('test')


def test_mixed_precision_keeps_the_optimizer(repo_root, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    path = repo_root / 'configs/cleaners_efflite0-d32_baseline.py'
    cfg, before = Config.fromfile(path), Config.fromfile(path).optim_wrapper
    assert before.type == 'BFloat16OptimWrapper'
    cfg.optim_wrapper.native_only = True  # which no other wrapper has
    run_setup.enable_amp(cfg)
    assert cfg.optim_wrapper == dict(
        before, type='AmpOptimWrapper', loss_scale='dynamic'
    )


def arguments(path, *options, **kwargs):
    return argparse.Namespace(
        config=str(path),
        cfg_options=options,
        work_dir=None,
        launcher='none',
        **kwargs,
    )


@pytest.fixture
def config(tmp_path):
    """A file with hooks of mmengine's and of others."""

    def write(**hooks):
        path = tmp_path / 'cfg.py'
        Config(dict(default_hooks=hooks)).dump(path)
        return path

    return write


def test_hooks_can_be_switched_off(config):
    """Mmengine does that for its own, and fails at None for others."""
    path = config(
        timer=dict(type='IterTimerHook'),
        visualization=dict(type='SSCVisualizationHook'),
        runtime=dict(type='RuntimeSettingsHook'),
    )
    off = 'default_hooks.visualization=None', 'default_hooks.timer=None'
    hooks = run_setup.load_config(arguments(path, *off)).default_hooks
    assert hooks == dict(timer=None, runtime=dict(type='RuntimeSettingsHook'))


def test_a_hook_that_there_is_not_cannot_be_switched_off(config):
    path = config(visualization=dict(type='SSCVisualizationHook'))
    off = arguments(path, 'default_hooks.visualisation=None')
    with pytest.raises(InputError, match="no 'visualisation', did you mean 'visual"):
        run_setup.load_config(off)


@pytest.mark.parametrize('hooks', [dict(), dict(default_hooks=None)])
def test_a_test_draws_without_a_hook_in_the_config(hooks):
    cfg = Config(dict(model=dict(decode_head=dict()), **hooks))
    run_setup.draw_predictions(cfg, 'shown', html=True)
    hook = dict(type='SSCVisualizationHook', draw=True, html=True, out_dir='shown')
    assert cfg.default_hooks == dict(visualization=hook)
    assert cfg.model.decode_head.keep_confidence


@pytest.mark.parametrize(
    'out_dir, folder',
    [
        (None, 'runs/net'),
        ('elsewhere', 'elsewhere/net'),
        ('runs/net', 'runs/net/net'),
        ('{here}/runs/net', 'runs/net'),
    ],
)
def test_a_run_resumes_from_where_it_writes(tmp_path, monkeypatch, out_dir, folder):
    """Where ``CheckpointHook`` says that it will write."""
    monkeypatch.chdir(tmp_path)
    hook = CheckpointHook(out_dir=out_dir and out_dir.format(here=tmp_path))
    hook.before_train(SimpleNamespace(work_dir=str(tmp_path / 'runs/net'), logger=LOG))
    assert Path(hook.out_dir).absolute() == tmp_path / folder
    path = tmp_path / folder / 'epoch_3.pth'
    path.parent.mkdir(parents=True)
    torch.save(dict(state_dict={}), path)
    hook = dict(out_dir=out_dir and out_dir.format(here=tmp_path))
    hooks = dict(checkpoint=hook)
    cfg = Config(dict(work_dir='runs/net', default_hooks=hooks, resume=False))
    run_setup.set_resume(cfg, 'auto')
    assert cfg.resume
    assert Path(cfg.load_from).absolute() == path


class OtherRunner(Runner):
    """One of a user's own."""

    @classmethod
    def from_cfg(cls, cfg):
        return cls


def test_a_config_may_name_its_runner(monkeypatch):
    """As mmdet3d's own tools take it."""
    monkeypatch.setitem(RUNNERS.module_dict, 'OtherRunner', OtherRunner)
    for kind in ('OtherRunner', OtherRunner):
        cfg = Config(dict(runner_type=kind, launcher='none'))
        assert run_setup.build_runner(cfg) is OtherRunner
    with pytest.raises(InputError, match="runner_type 'Runer' is not registered"):
        run_setup.build_runner(Config(dict(runner_type='Runer', launcher='none')))


def test_a_class_stands_for_its_name():
    """In configs of mmengine's new style."""
    cfg = dict(type=CleanerDistiller, student=dict(a=1))
    assert student_cfg(cfg) == dict(a=1)
    with pytest.raises(InputError, match='CleanerDistiller has no such argument'):
        student_cfg(dict(cfg, channels=8))


class OtherDistiller(CleanerDistiller):
    """One that hands on what it does not take itself."""

    def __init__(self, *args, temperature=2.0, **kwargs):
        super().__init__(*args, **kwargs)


def test_arguments_of_the_class_behind_are_known():
    cfg = dict(type=OtherDistiller, student=dict(a=1), temperature=1, teacher_ckpt='t')
    assert student_cfg(cfg) == dict(a=1)
    with pytest.raises(InputError, match="'model.student.channels' is meant"):
        student_cfg(dict(cfg, channels=8))


def test_a_test_does_not_go_on_with_a_training(repo_root, tmp_path):
    config = repo_root / 'configs/cleaners_depth-d32_baseline.py'
    checkpoint = tmp_path / 'best_a.pth'
    torch.save(dict(state_dict={}), checkpoint)
    args = arguments(config, 'resume=True', checkpoint=str(checkpoint))
    cfg = run_setup.load_test_config(args)
    assert cfg.load_from == str(checkpoint) and not cfg.resume
