"""What tools/train.py and tools/test.py do to a config before it runs."""
import argparse
import difflib
import inspect
import os
import os.path as osp
from typing import Dict, List, Optional

import torch
from mmengine.config import Config, DictAction
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from ..utils.checkpoint import (check_resumable, find_best_checkpoint,
                                find_latest_checkpoint, read_checkpoint)
from ..utils.cpu_memory import MAX_KEPT_MB, keep_freed_memory
from ..utils.errors import InputError

# where each launcher says how many processes there are
WORLD_SIZES = dict(
    pytorch='WORLD_SIZE', slurm='SLURM_NTASKS', mpi='OMPI_COMM_WORLD_SIZE')


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and apply the command line to it.

    Args:
        args (argparse.Namespace): ``config``, ``cfg_options`` (list of
            KEY=VALUE), ``work_dir`` and ``launcher``.

    Returns:
        Config: With ``work_dir`` set (default: work_dirs/<config name>).

    Raises:
        InputError: If the file is missing, or an option has an unknown key.
    """
    if not osp.isfile(args.config):
        raise InputError(f"config '{args.config}' not found")
    cfg = Config.fromfile(args.config)
    options = parse_options(args.cfg_options)
    check_options(cfg, options)
    cfg.merge_from_dict(options)
    cfg.launcher = args.launcher
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        name = osp.splitext(osp.basename(args.config))[0]
        cfg.work_dir = osp.join('work_dirs', name)
    return cfg


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
    read_checkpoint(cfg.load_from, mmap=True)  # a clear error, early
    return cfg


def build_test_runner(cfg: Config) -> Runner:
    """Prepare memory, precision and processes for a test; build its runner."""
    keep_freed_memory()
    set_tf32(cfg)
    prepare_distributed(cfg)
    return Runner.from_cfg(cfg)


def parse_options(pairs) -> Dict[str, object]:
    """Parse KEY=VALUE strings as mmengine's ``DictAction`` does."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--options', nargs='+', action=DictAction, default={})
    for pair in pairs:
        if '=' not in pair:
            raise InputError('--cfg-options needs KEY=VALUE, but got '
                             f'{pair!r}')
    return parser.parse_args(['--options', *pairs]).options if pairs else {}


def check_options(cfg: Config, options: Dict[str, object]) -> None:
    """Refuse an option whose key the config does not know.

    The last part of a key may be new (an argument left at its default); what
    leads to it must be there, and a first part must be a setting of the
    config or of mmengine's Runner.

    Raises:
        InputError: With the nearest known key; or if a key leads into what
            is no dict.
    """
    settings = set(cfg) | set(inspect.signature(Runner).parameters)
    for key in options:
        first, *rest = key.split('.')
        _require(first, settings, key)
        _check_path(cfg.get(first, {}), rest, key)


def _check_path(node: object, parts: List[str], key: str) -> None:
    """Follow the rest of a key; what mmengine merges it into is a dict."""
    for depth, part in enumerate(parts, 1):
        is_last = depth == len(parts)
        if isinstance(node, list) and not is_last:
            _require(part, set(map(str, range(len(node)))), key)
            node = node[int(part)]
        elif not isinstance(node, dict):
            raise InputError(f'config key {key!r}: what {part!r} should be in '
                             f'is {node!r}; set that as a whole')
        elif not is_last:
            _require(part, set(node), key)
            node = node[part]


def _require(part: str, known: set, key: str) -> None:
    if part in known:
        return
    close = difflib.get_close_matches(part, known, n=1)
    hint = f', did you mean {close[0]!r}?' if close else ''
    raise InputError(f'unknown config key {key!r}: there is no {part!r}{hint}')


def set_resume(cfg: Config, resume: Optional[str]) -> None:
    """Let the run go on from a checkpoint.

    Args:
        cfg (Config): Changed in place.
        resume (str, optional): A checkpoint; 'auto' for the latest in
            ``cfg.work_dir``, if there is one; None to start anew.

    Raises:
        InputError: If the checkpoint is missing or damaged.
    """
    if resume is None:
        return
    path = resume
    if resume == 'auto':
        path = find_latest_checkpoint(cfg.work_dir)
    if path is None:
        print_log(f"nothing to resume in '{cfg.work_dir}': starting anew")
        return
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
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    cfg.optim_wrapper.loss_scale = 'dynamic'


def prepare_cpu_memory(cfg: Config) -> None:
    """Apply ``env_cfg.keep_freed_mb`` where the network runs on the CPU.

    Raises:
        InputError: If the value is not one of :func:`keep_freed_memory`.
    """
    if torch.cuda.is_available():
        return
    size = cfg.get('env_cfg', {}).get('keep_freed_mb', MAX_KEPT_MB)
    try:
        keep_freed_memory(size)
    except (TypeError, ValueError) as error:
        raise InputError(f'env_cfg.keep_freed_mb: {error}') from error


def set_tf32(cfg: Config) -> None:
    """Apply ``env_cfg.allow_tf32``: TensorFloat32 in CUDA's products."""
    allow = bool(cfg.get('env_cfg', {}).get('allow_tf32', False))
    torch.backends.cuda.matmul.allow_tf32 = allow
    torch.backends.cudnn.allow_tf32 = allow


def set_compile(cfg: Config) -> None:
    """Apply ``compile`` by :obj:`CompileHook` instead of mmengine's runner.

    Args:
        cfg (Config): ``compile`` is True, or the arguments of
            ``torch.compile``; it is taken out. Without it, or with False,
            nothing is compiled.

    Raises:
        InputError: If it is something else.
    """
    options = cfg.pop('compile', None)
    if options is None or options is False:
        return
    if options is True:
        options = {}
    if not isinstance(options, dict):
        raise InputError('compile should be True, False or a dict of '
                         f"torch.compile's arguments, but got {options!r}")
    cfg.merge_from_dict(
        {'default_hooks.compile': dict(type='CompileHook', **options)})


def count_processes(launcher: str) -> int:
    """Return how many processes there are, before they know each other.

    Args:
        launcher (str): 'none', 'pytorch', 'slurm' or 'mpi'.

    Raises:
        InputError: If the launcher did not start this process.
    """
    if launcher == 'none':
        return 1
    name = WORLD_SIZES[launcher]
    if name not in os.environ:
        raise InputError(f'--launcher {launcher}: {name} is not set; start it '
                         'by tools/dist_*.sh or tools/slurm_*.sh '
                         '(docs/distributed.md)')
    return int(os.environ[name])


def set_accumulation(cfg: Config) -> None:
    """Apply ``auto_accumulate.base_batch_size``: the frames of an update.

    As many batches are accumulated as it takes, so that a recipe is the same
    on one GPU or several. More frames than that (many GPUs) are let pass;
    :obj:`EffectiveBatchHook` warns.

    Args:
        cfg (Config): ``optim_wrapper.accumulative_counts`` is set; without
            ``auto_accumulate`` it is left as it is.

    Raises:
        InputError: If the frames of all processes do not divide it.
    """
    auto = cfg.get('auto_accumulate')
    if auto is None:
        return
    base = auto.get('base_batch_size')
    if not (isinstance(base, int) and base >= 1):
        raise InputError('auto_accumulate.base_batch_size should be a number '
                         f'from 1 on, but got {base!r}')
    processes = count_processes(cfg.launcher)
    batch_size = cfg.train_dataloader.get('batch_size', 1)
    frames = batch_size * processes
    if frames < base and base % frames:
        raise InputError(
            f'batch_size {batch_size} x {processes} processes do not divide '
            f'auto_accumulate.base_batch_size={base}: change '
            'train_dataloader.batch_size or the number of processes, or set '
            f'auto_accumulate.base_batch_size={base // frames * frames}')
    cfg.optim_wrapper.accumulative_counts = max(base // frames, 1)


def check_train_frames(dataloader: DataLoader) -> None:
    """Refuse a training set that does not fill one batch.

    Raises:
        InputError: If an epoch would have no iteration.
    """
    if len(dataloader) == 0:
        raise InputError(
            f'{len(dataloader.sampler)} frames for each process do not fill '
            f'one batch of {dataloader.batch_size}, and drop_last=True: lower '
            'train_dataloader.batch_size, or set '
            'train_dataloader.drop_last=False')


def prepare_distributed(cfg: Config) -> None:
    """Let several processes run where there is no GPU.

    mmengine would choose NCCL, a CUDA device for each process, and
    synchronised BatchNorm, none of which the CPU has. BatchNorm then works
    per process, and its running statistics are averaged after each epoch.

    Raises:
        InputError: If the launcher did not start this process, or needs GPUs.
    """
    count_processes(cfg.launcher)  # a clear error, early
    if cfg.launcher == 'none' or torch.cuda.is_available():
        return
    if cfg.launcher != 'pytorch':
        raise InputError(f'--launcher {cfg.launcher} needs GPUs; on the CPU '
                         'use torchrun with --launcher pytorch')
    torch.distributed.init_process_group('gloo')
    cfg.merge_from_dict({
        'env_cfg.dist_cfg.backend':
        'gloo',
        'model_wrapper_cfg':
        dict(
            type='MMDistributedDataParallel',
            device_ids=None,
            broadcast_buffers=False,
            find_unused_parameters=cfg.get('find_unused_parameters', False)),
        'sync_bn':
        None,
        'default_hooks.sync_statistics':
        dict(type='SyncStatisticsHook')
    })


def list_metrics(cfg: Config) -> List[dict]:
    """Return the configs of the metrics of the test."""
    evaluators = cfg.test_evaluator
    return list(evaluators) if isinstance(evaluators, list) else [evaluators]


def add_metric(cfg: Config, metric: dict) -> None:
    """Add a metric to the test, as the last one."""
    cfg.test_evaluator = [*list_metrics(cfg), metric]


def dump_predictions(cfg: Config, path: str) -> None:
    """Add mmengine's dump of every prediction to the test."""
    add_metric(cfg, dict(type='DumpResults', out_file_path=path))
