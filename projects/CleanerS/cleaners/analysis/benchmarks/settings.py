"""What the command line says to every task."""

import argparse
from typing import Any, NamedTuple

import torch
from mmdet3d.registry import HOOKS
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

from ...engine.hooks.runtime_settings_hook import RuntimeSettingsHook
from ...engine.run_setup import load_config
from ...utils.device import check_device
from ...utils.errors import InputError

MATMUL_SIZE = 4096


class Settings(NamedTuple):
    """How a task is measured.

    Attributes:
        device (str): Where the network runs.
        batch_size (int): Frames of a batch.
        repeats (int): How often the task is measured.
        warmup (int): How often it runs before that.
        seed (int): Of weights and frames.
        matmul_size (int): Side of the matrix product beside which networks
            are judged.
    """

    device: str = 'cpu'
    batch_size: int = 1
    repeats: int = 5
    warmup: int = 1
    seed: int = 0
    matmul_size: int = MATMUL_SIZE


def read_config(args: argparse.Namespace) -> Config:
    """Read the config, and make this process ready to build its model.

    Args:
        args (argparse.Namespace): With ``config`` and ``cfg_options``.

    Returns:
        Config: The config.

    Raises:
        InputError: If the config cannot be had.
    """
    cfg = load_config(
        argparse.Namespace(
            config=args.config,
            cfg_options=args.cfg_options,
            launcher='none',
            work_dir=None,
        )
    )
    init_default_scope('mmdet3d')
    MMLogger.get_current_instance().setLevel('WARNING')
    return cfg


def read_args(args: argparse.Namespace) -> tuple[Config, Settings]:
    """Read the config, and make this process ready to measure it.

    Args:
        args (argparse.Namespace): Of ``benchmark.py``.

    Returns:
        tuple[Config, Settings]: The config, and how it is measured.

    Raises:
        InputError: If the config cannot be had, or there is no such device.
    """
    cfg = read_config(args)
    device = args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    check_device(device)
    runtime_settings(cfg).set_precision()
    torch.backends.cudnn.benchmark = cfg.get('env_cfg', {}).get(
        'cudnn_benchmark', False
    )
    return cfg, Settings(
        device, args.batch_size, args.repeats, args.warmup, args.seed, args.matmul_size
    )


def runtime_settings(cfg: Config) -> RuntimeSettingsHook:
    """Return the hook that sets memory and precision of a training.

    Args:
        cfg (Config): One that does not name it has its defaults.
    """
    hook = cfg.get('default_hooks', {}).get('runtime')
    return HOOKS.build(hook or dict(type='RuntimeSettingsHook'))


def get_part(cfg: Config, key: str) -> Any:
    """Return a part of the config that a task needs.

    Args:
        cfg (Config): The config.
        key (str): Of the top level.

    Raises:
        InputError: If it is not there.
    """
    if cfg.get(key) is None:
        raise InputError(
            f"config '{cfg.filename}' has no {key!r}, which this task measures"
        )
    return cfg[key]


def describe_run(cfg: Config, settings: Settings) -> dict:
    """Say what is measured, how, and on what; the head of a result."""
    name = (
        torch.cuda.get_device_name(settings.device)
        if settings.device.startswith('cuda')
        else 'CPU'
    )
    return dict(
        settings._asdict(),
        config=cfg.filename,
        device_name=name,
        threads=torch.get_num_threads(),
        torch=torch.__version__,
    )


def format_run(result: dict) -> str:
    """Format what :func:`describe_run` gives."""
    return (
        f'{result["config"]}, batch {result["batch_size"]}, '
        f'{result["device_name"]} ({result["threads"]} threads), '
        f'torch {result["torch"]}'
    )
