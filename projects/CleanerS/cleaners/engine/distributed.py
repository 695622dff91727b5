"""Several processes: how many there are, and what they need on the CPU."""

import os

import torch
from mmengine.config import Config

from ..utils.errors import InputError

# where each launcher says how many processes there are
WORLD_SIZES = dict(
    pytorch='WORLD_SIZE', slurm='SLURM_NTASKS', mpi='OMPI_COMM_WORLD_SIZE'
)


def prepare_distributed(cfg: Config) -> None:
    """Let several processes run where there is no GPU.

    mmengine would choose NCCL, a CUDA device for each process, and
    synchronised BatchNorm, none of which the CPU has. BatchNorm then works
    per process, and its running statistics are averaged after each epoch.

    The Runner reads all of it while it is built, so that no hook could do it.

    Raises:
        InputError: If the launcher did not start this process, or needs GPUs.
    """
    _check_launcher(cfg.launcher)
    wrapper = cfg.get('model_wrapper_cfg') or {}
    kind = wrapper.get('type', 'MMDistributedDataParallel')
    is_ddp = 'DistributedDataParallel' in str(kind)
    if is_ddp:
        # mmengine reads that of the top where there is no wrapper alone
        wrapper.setdefault(
            'find_unused_parameters', cfg.get('find_unused_parameters', False)
        )
    if cfg.launcher == 'none':
        return
    if torch.cuda.is_available():
        _check_gpus(cfg.launcher)
        return
    if cfg.launcher != 'pytorch':
        raise InputError(
            f'--launcher {cfg.launcher} needs GPUs; on the CPU '
            'use torchrun with --launcher pytorch'
        )
    if not is_ddp:
        raise InputError(
            f'model_wrapper_cfg.type={kind} needs GPUs; on the CPU it may be '
            'MMDistributedDataParallel or one of its kind'
        )
    torch.distributed.init_process_group('gloo')
    cfg.merge_from_dict(
        {
            'env_cfg.dist_cfg.backend': 'gloo',
            'model_wrapper_cfg': dict(
                type=kind,
                device_ids=None,
                broadcast_buffers=False,
                find_unused_parameters=wrapper['find_unused_parameters'],
            ),
            'sync_bn': None,
            'default_hooks.sync_statistics': dict(type='SyncStatisticsHook'),
        }
    )


def _check_gpus(launcher: str) -> None:
    """Refuse more processes than there are GPUs.

    Raises:
        InputError: If this process has none.
    """
    rank, count = int(os.environ.get('LOCAL_RANK', 0)), torch.cuda.device_count()
    if launcher == 'pytorch' and rank >= count:
        raise InputError(
            f'process {rank + 1} of this machine has no GPU: there are {count}; start '
            'as many processes, or with CUDA_VISIBLE_DEVICES= on the CPU'
        )


def _check_launcher(launcher: str) -> None:
    """Refuse a launcher that did not start this process.

    Raises:
        InputError: If its environment is missing.
    """
    if launcher == 'none':
        return
    name = WORLD_SIZES[launcher]
    if name not in os.environ:
        raise InputError(
            f'--launcher {launcher}: {name} is not set; start it '
            'by tools/dist_*.sh or tools/slurm_*.sh '
            '(docs/distributed.md)'
        )
