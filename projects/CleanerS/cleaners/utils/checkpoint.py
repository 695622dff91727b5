"""Find, check and write checkpoint files."""

import hashlib
import os
import os.path as osp
import pickle
import re
import shlex
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import escape, glob
from typing import Optional

import torch
import torch.nn as nn
from torch import Tensor

from .errors import InputError
from .remote_checkpoint import fetch_checkpoint, is_url
from .safe_globals import register_safe_globals
from .shipped_weights import shipped_checkpoint
from .similar_names import did_you_mean


def find_best_checkpoint(path: str) -> str:
    """Return the file that ``path`` stands for.

    Args:
        path (str): A checkpoint, or its http(s) address, from which it is fetched
            once; the work_dir of a training run, which stands for its best
            checkpoint (the newest, should there be two); or the name of a network
            that comes with the package.

    Raises:
        InputError: If there is none.
    """
    path = os.fspath(path)
    if osp.isfile(path):
        return path
    if is_url(path):
        return fetch_checkpoint(path)
    found = glob(osp.join(escape(path), 'best_*.pth'))
    if not found:
        shipped = shipped_checkpoint(path)
        if shipped is not None:
            return shipped
        inside = (
            ''
            if path.endswith('.pth')
            else (' (nor a best_*.pth in it, were it a work_dir)')
        )
        raise InputError(f"checkpoint '{path}' not found{inside}{_similar_name(path)}")
    return max(found, key=osp.getmtime)


def _similar_name(path: str) -> str:
    """Return ', did you mean ...?' with what lies beside it, or ''."""
    folder, name = osp.split(path.rstrip('/'))
    stem, ending = osp.splitext(name)
    # files for a file, folders for a work dir
    kind = '*.pth' if ending == '.pth' else '*/'
    others = [other.rstrip('/') for other in glob(osp.join(escape(folder), kind))]
    named = {osp.splitext(osp.basename(other))[0]: other for other in others}
    named.pop(stem, None)  # it is there, but holds no checkpoint
    return did_you_mean(stem, named, shown=named)


def find_latest_checkpoint(
    work_dir: str, folder: Optional[str] = None
) -> Optional[str]:
    """Return the ``epoch_N.pth`` or ``iter_N.pth`` with the largest N.

    Where there is none, because the run names them otherwise, it is the one
    that mmengine's ``last_checkpoint`` names. Of that the name alone is read:
    its path is absolute, and wrong once the folder has moved.

    Args:
        work_dir (str): Of the run.
        folder (str, optional): Of its checkpoints. Defaults to None:
            ``work_dir``.
    """
    folder = folder or work_dir
    numbered = _numbered_checkpoints(folder)
    if numbered:
        return numbered[0]
    note = osp.join(work_dir, 'last_checkpoint')
    if not osp.isfile(note):
        return None
    with open(note) as file:
        path = osp.join(folder, osp.basename(file.read().strip()))
    return path if osp.isfile(path) else None


def _numbered_checkpoints(work_dir: str) -> list[str]:
    """List what a run can go on from, the newest first."""
    numbered = {}
    for path in glob(osp.join(escape(work_dir), '*.pth')):
        match = re.fullmatch(r'(?:epoch|iter)_(\d+)\.pth', osp.basename(path))
        if match:
            numbered[int(match[1])] = path
    return [numbered[number] for number in sorted(numbered, reverse=True)]


def check_resumable(path: str) -> None:
    """Refuse a checkpoint that cannot be read, and name one that can.

    Raises:
        InputError: If the file is missing or damaged; with the newest whole
            ``epoch_N.pth`` beside it.
    """
    try:
        read_checkpoint(path, mmap=True)
    except InputError as error:
        for other in _numbered_checkpoints(osp.dirname(path)):
            if _is_whole(other):
                raise InputError(
                    f'{error}; the newest one that is whole: --resume '
                    f'{shlex.quote(other)}'
                ) from error
        raise


def _is_whole(path: str) -> bool:
    try:
        read_checkpoint(path, mmap=True)
    except InputError:
        return False
    return True


def read_checkpoint(path: str, mmap: bool = False) -> dict:
    """Load a checkpoint safely (tensors and mmengine's own types only).

    Args:
        path (str): The file.
        mmap (bool): Leave the tensors on disk. Defaults to False.

    Raises:
        InputError: If the file is missing, damaged, refused by torch's safe
            loading, or an archive that grows as it is unpacked.
        PermissionError: If it may not be read.
    """
    if not osp.isfile(path):
        raise InputError(f"checkpoint '{path}' not found")
    _refuse_growing_archive(path)
    register_safe_globals()
    try:
        return torch.load(path, map_location='cpu', weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        refused = re.search(r'GLOBAL (\S+)', str(error))
        what = f'it asks for {refused[1]}' if refused else 'it is damaged'
        raise InputError(
            f"checkpoint '{path}' is refused by safe loading: {what}"
        ) from error
    except (PermissionError, MemoryError):
        raise
    # torch does not check what it reads: anything may be raised
    except Exception as error:
        raise InputError(
            f"checkpoint '{path}' is damaged or not a torch file; get it again"
        ) from error


def _refuse_growing_archive(path: str) -> None:
    """Refuse what would take more memory than its file; torch writes none."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:  # torch's own message is as good
        return
    if size > osp.getsize(path):
        raise InputError(
            f"checkpoint '{path}' is a compressed archive of {size / 2**20:.0f} MiB, "
            'which torch never writes; get it again'
        )


@contextmanager
def naming_checkpoint(path: str) -> Iterator[None]:
    """Name the file in the message of an error about its content."""
    try:
        yield
    except InputError as error:
        if str(error).startswith(('checkpoint', 'config')):
            raise
        raise InputError(f"checkpoint '{path}': {error}") from error


def state_dict_of(checkpoint: object) -> dict[str, Tensor]:
    """Return the weights of a checkpoint, without a wrapper's prefix.

    Raises:
        InputError: If it holds something else.
    """
    state_dict = checkpoint
    if isinstance(checkpoint, Mapping):
        state_dict = checkpoint.get('state_dict', checkpoint)
    if not isinstance(state_dict, Mapping) or not all(
        isinstance(key, str) for key in state_dict
    ):
        raise InputError(
            f'it holds no weights by their names, but a {type(state_dict).__name__}'
        )
    return {re.sub(r'^module\.', '', key): value for key, value in state_dict.items()}


def find_non_finite(state_dict: Mapping[str, Tensor]) -> Optional[str]:
    """Return the name of the first tensor with NaN or infinity, or None."""
    for name, tensor in state_dict.items():
        # a finite sum has finite parts, and takes a seventh of the time
        if tensor.is_floating_point() and not (
            tensor.sum().isfinite() or tensor.isfinite().all()
        ):
            return name
    return None


def check_state_dict(
    model: nn.Module, state_dict: Mapping[str, Tensor], source: str
) -> None:
    """Refuse weights that do not fit a model exactly, or are no numbers.

    Args:
        model (nn.Module): The model that is to be filled.
        state_dict (Mapping[str, Tensor]): Weights.
        source (str): Where they are from, for the message.

    Raises:
        InputError: If a key is missing, unexpected, or of another shape, or
            a value is NaN or infinite.
    """
    wanted = model.state_dict()
    problems = {
        'missing': [k for k in wanted if k not in state_dict],
        'unexpected': [k for k in state_dict if k not in wanted],
        'of another shape': [
            k
            for k in wanted
            if k in state_dict and wanted[k].shape != state_dict[k].shape
        ],
    }
    found = [
        f'{len(keys)} {kind} (e.g. {keys[0]})'
        for kind, keys in problems.items()
        if keys
    ]
    if found:
        raise InputError(
            f"checkpoint '{source}' does not fit the model of "
            f'the config: of {len(wanted)} tensors '
            f'{", ".join(found)}; use the config that it was '
            'trained with'
        )
    broken = find_non_finite(state_dict)
    if broken is not None:
        raise InputError(
            f"checkpoint '{source}' has NaN or infinite values "
            f'in {broken}: its training went wrong; use an '
            'earlier one'
        )


def load_strictly(model: nn.Module, path: str) -> dict:
    """Fill a model from a checkpoint that must fit it exactly.

    Args:
        model (nn.Module): The model.
        path (str): The file.

    Returns:
        dict: The checkpoint's meta; {} where it has none.

    Raises:
        InputError: If the file cannot be read or does not fit.
    """
    checkpoint = read_checkpoint(path)
    with naming_checkpoint(path):
        state_dict = state_dict_of(checkpoint)
    check_state_dict(model, state_dict, path)
    model.load_state_dict(state_dict)
    return checkpoint.get('meta') or {}


def weights_digest(model: nn.Module) -> str:
    """Return a SHA-256 over all weights and buffers of a model, in hex."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
