"""What tools/train.py and tools/test.py do to a config before it runs."""

import argparse
import os.path as osp
from collections.abc import Collection
from typing import Optional

import torch
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

from ..utils.checkpoint import (
    check_resumable,
    find_best_checkpoint,
    find_latest_checkpoint,
    read_checkpoint,
)
from ..utils.errors import InputError
from ..utils.package_files import open_config
from ..utils.remote_checkpoint import fetch_checkpoint, is_url
from ..utils.similar_names import did_you_mean
from .checkpoint_folder import checkpoint_folder
from .config_options import apply_options
from .data_folders import set_data_root, set_twin
from .dead_settings import refuse_dead_settings
from .distributed import prepare_distributed
from .student_config import student_cfg

# mmengine leaves out those of its own hooks that are None in default_hooks; at
# any other None it fails
_MMENGINES = (
    'runtime_info',
    'timer',
    'sampler_seed',
    'logger',
    'param_scheduler',
    'checkpoint',
)


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and apply the command line to it.

    Args:
        args (argparse.Namespace): ``config``, ``cfg_options`` (list of
            KEY=VALUE), ``work_dir`` and ``launcher``; of tools that have
            them, ``data_root`` and ``twin``, which a more specific option
            overrides.

    Returns:
        Config: With ``work_dir`` set (default: work_dirs/<config name>).

    Raises:
        InputError: If the file or a folder is missing, or an option is
            unknown, or would do nothing.
    """
    cfg = open_config(args.config)
    given = vars(args)
    if given.get('data_root') is not None:
        set_data_root(cfg, args.data_root)
    if given.get('twin') is not None:
        set_twin(cfg, args.twin)
    known = {*_MMENGINES, *(cfg.get('default_hooks') or {})}
    apply_options(cfg, args.cfg_options, _own_arguments(given))
    refuse_dead_settings(cfg)
    _leave_out_hooks(cfg, known)
    cfg.launcher = args.launcher
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        name = osp.splitext(osp.basename(args.config))[0]
        cfg.work_dir = osp.join('work_dirs', name)
    return cfg


def _leave_out_hooks(cfg: Config, known: Collection[str]) -> None:
    """Take the hooks that are None out of a config, but for mmengine's own.

    Args:
        cfg (Config): Changed in place.
        known (Collection[str]): Hooks that there were before any was set.

    Raises:
        InputError: If one is not known.
    """
    hooks = cfg.get('default_hooks') or {}
    for name in [name for name, hook in hooks.items() if hook is None]:
        if name not in known:
            raise InputError(
                f"unknown config key 'default_hooks.{name}': there is no {name!r}"
                + did_you_mean(name, known)
            )
        if name not in _MMENGINES:
            del hooks[name]


def _own_arguments(given: dict[str, object]) -> dict[str, str]:
    """Name the arguments that decide a setting, whatever an option says.

    Args:
        given (dict): The command line.

    Returns:
        dict[str, str]: The argument of each setting.
    """
    arguments = dict(launcher='--launcher')
    if 'data_root' in given:
        arguments.update(data_root='--data-root DIR')
    if 'twin' in given:
        arguments.update(twin='--twin DIR')
    if given['work_dir'] is not None:
        arguments.update(work_dir='--work-dir')
    # where there is nothing to resume, a run may start from load_from
    if given.get('resume') not in (None, 'auto'):
        arguments.update(resume='--resume', load_from='--resume')
    if 'checkpoint' in given:
        arguments.update(load_from='the argument CHECKPOINT')
    return arguments


def load_test_config(args: argparse.Namespace) -> Config:
    """Read the config of a test and name the checkpoint in it.

    Args:
        args (argparse.Namespace): As for :func:`load_config`, and
            ``checkpoint``: a file, or a work dir for its best checkpoint.

    Returns:
        Config: With ``load_from`` set.

    Raises:
        InputError: If the config is bad, or the checkpoint is missing or
            damaged.
    """
    cfg = load_config(args)
    cfg.load_from = find_best_checkpoint(args.checkpoint)
    cfg.resume = False  # which is for a training
    read_checkpoint(cfg.load_from, mmap=True)  # a clear error, early
    return cfg


def draw_predictions(cfg: Config, folder: str, html: bool) -> None:
    """Let a test draw every frame into a folder; with html as pages, too.

    Raises:
        InputError: If the network completes no scene.
    """
    require_scenes(cfg, '--show-dir')
    hooks = cfg.get('default_hooks') or {}
    drawing = dict(draw=True, html=html, out_dir=folder)
    hook = hooks.get('visualization') or dict(type='SSCVisualizationHook')
    cfg.default_hooks = {**hooks, 'visualization': {**hook, **drawing}}
    if html:
        student_cfg(cfg.model).decode_head.keep_confidence = True


def require_scenes(cfg: Config, what: str) -> None:
    """Refuse a network that completes no scene.

    Args:
        cfg (Config): Of a test.
        what (str): The option or tool that is about scenes.

    Raises:
        InputError: If it is a 2DNet.
    """
    if 'decode_head' not in student_cfg(cfg.model):
        raise InputError(
            f'{what} is about completed scenes, but this config trains the 2D part of '
            'a network alone'
        )


def build_runner(cfg: Config) -> Runner:
    """Prepare the processes; build the runner, of ``runner_type`` if it is set.

    Raises:
        InputError: If there is no such runner.
    """
    prepare_distributed(cfg)
    kind = cfg.get('runner_type') or Runner
    if isinstance(kind, str):
        kind = RUNNERS.get(kind)
    if kind is None:
        raise InputError(f"runner_type '{cfg.runner_type}' is not registered")
    return kind.from_cfg(cfg)


def set_resume(cfg: Config, resume: Optional[str]) -> None:
    """Let the run go on from a checkpoint.

    Args:
        cfg (Config): Changed in place.
        resume (str, optional): A checkpoint, or its address; 'auto' for the latest in
            ``cfg.work_dir``, if there is one; None to start anew.

    Raises:
        InputError: If the checkpoint is missing or damaged.
    """
    if resume is None:
        return
    path: Optional[str] = resume
    if resume == 'auto':
        hook = (cfg.get('default_hooks') or {}).get('checkpoint') or {}
        folder = checkpoint_folder(cfg.work_dir, hook.get('out_dir'))
        path = find_latest_checkpoint(cfg.work_dir, folder)
    if path is None:
        print_log(f"nothing to resume in '{folder}': starting anew")
        return
    if is_url(path):
        path = fetch_checkpoint(path)
    check_resumable(path)  # a clear error, early
    cfg.resume = True
    cfg.load_from = path


def enable_amp(cfg: Config) -> None:
    """Train in mixed precision with dynamic loss scaling.

    Raises:
        InputError: If there is no CUDA device.
    """
    if not torch.cuda.is_available():
        raise InputError('--amp needs a CUDA device; leave it out on the CPU')
    wrappers = [cfg.optim_wrapper]
    if 'optimizer' not in cfg.optim_wrapper:  # one for each part of a model
        wrappers = [
            cfg.optim_wrapper[name]
            for name in cfg.optim_wrapper
            if name != 'constructor'
        ]
    for wrapper in wrappers:
        wrapper.type = 'AmpOptimWrapper'
        wrapper.loss_scale = 'dynamic'
        wrapper.pop('native_only', None)  # of a wrapper in bfloat16


def list_metrics(cfg: Config) -> list[dict]:
    """Return the configs of the metrics of the test."""
    evaluators = cfg.test_evaluator
    return list(evaluators) if isinstance(evaluators, list) else [evaluators]


def add_metric(cfg: Config, metric: dict) -> None:
    """Add a metric to the test, as the last one."""
    cfg.test_evaluator = [*list_metrics(cfg), metric]


def dump_predictions(cfg: Config, path: str) -> None:
    """Add a dump of every prediction to the test.

    Raises:
        InputError: If the network completes no scene.
    """
    require_scenes(cfg, '--out FILE.pkl')
    add_metric(cfg, dict(type='DumpSSCResults', out_file_path=path))
