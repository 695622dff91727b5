"""Checkpoints that are given away: the weights, and little else."""

import os.path as osp
import re

import torch
from torch import Tensor

from ..utils.checkpoint import (
    find_best_checkpoint,
    find_non_finite,
    naming_checkpoint,
    read_checkpoint,
    state_dict_of,
)
from ..utils.checkpoint_writing import save_hashed_checkpoint
from ..utils.errors import InputError

# what a reader of the weights may ask for
_META_KEYS = (
    'epoch',
    'iter',
    'seed',
    'cfg',
    'dataset_meta',
    'teacher',
    'converted_from',
    'mmengine_version',
)
# a string in the text of a config: its quote, and what is inside
_STRING = re.compile(r"""(['"])((?:\\.|(?!\1)[^\\\n])*)\1""")
_MIB = 1 << 20


def publish_model(source: str, target: str) -> None:
    """Read, leave out, write, report.

    Args:
        source (str): Checkpoint, or the work dir of a training run, which
            stands for its best checkpoint.
        target (str): Ends in '.pth'; the start of the file's SHA-256 becomes
            part of its name.

    Raises:
        InputError: If there is no such checkpoint, or nothing in it.
    """
    source = find_best_checkpoint(source)
    checkpoint = read_checkpoint(source)
    with naming_checkpoint(source):
        weights = _weights_of(checkpoint)
    meta = _small_meta(checkpoint.get('meta', {}))
    path = save_hashed_checkpoint(dict(meta=meta, state_dict=weights), target)
    before, after = (osp.getsize(name) / _MIB for name in (source, path))
    print(
        f'{path}: {after:.1f} MiB, {len(weights)} tensors and '
        f'{", ".join(meta) or "no meta"}\n{source}: {before:.1f} MiB'
    )


def _weights_of(checkpoint: object) -> dict[str, Tensor]:
    """Return the weights of a checkpoint, each tensor on its own.

    EMAHook keeps the averaged weights under 'state_dict' and those that were
    trained under 'ema_state_dict', despite its name.

    Args:
        checkpoint (object): What a file holds.

    Returns:
        dict[str, Tensor]: Without memory that a tensor shares with others.

    Raises:
        InputError: If there are no weights in it, or one is not finite.
    """
    if not isinstance(checkpoint, dict):
        checkpoint = {}
    nested = checkpoint.get('state_dict', checkpoint)
    if not nested or not isinstance(nested, dict):
        raise InputError(
            'it holds no state_dict; publish what tools/train.py or a converter wrote'
        )
    for name, value in nested.items():
        if not isinstance(value, torch.Tensor):
            raise InputError(
                f"'{name}' is no tensor; a checkpoint of the "
                "authors' code is converted first, by "
                'official2cleaners.py'
            )
    broken = find_non_finite(nested)
    if broken:
        raise InputError(
            f"'{broken}' has NaN or infinite values, so that no "
            'network can use it; publish an earlier checkpoint'
        )
    return {
        name: value.clone(memory_format=torch.contiguous_format)
        for name, value in state_dict_of(checkpoint).items()
    }


def _small_meta(meta: dict) -> dict:
    """Return what a reader needs of a checkpoint's meta.

    Args:
        meta (dict): As mmengine and :obj:`TeacherHook` fill it.

    Returns:
        dict: The keys of ``_META_KEYS`` that are there. Of an absolute path
        its last part is kept, in the text of the config, too.
    """
    kept = {key: meta[key] for key in _META_KEYS if key in meta}
    if isinstance(kept.get('cfg'), str):
        kept['cfg'] = _STRING.sub(
            lambda match: match[1] + _last_part(match[2]) + match[1], kept['cfg']
        )
    return {key: _without_local_paths(value) for key, value in kept.items()}


def _without_local_paths(value: object) -> object:
    """Return a value with the last part of every absolute path in it."""
    if isinstance(value, dict):
        return {key: _without_local_paths(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_without_local_paths(item) for item in value)
    return _last_part(value) if isinstance(value, str) else value


def _last_part(text: str) -> str:
    """Return the last part of an absolute path; another text as it is."""
    if not osp.isabs(text):
        return text
    return osp.basename(text.rstrip('/')) or text
