"""Checkpoints as files: whole or not at all, by their content."""

import hashlib
import io
from pathlib import Path
from typing import Union

import torch

from .atomic_write import write_atomically


def encode_checkpoint(content: dict) -> bytes:
    """Return the bytes of a torch file, which depend on the content alone.

    Args:
        content (dict): Such as a state_dict, or ``meta`` and ``state_dict``.
    """
    # written to a path, the file would hold its own name
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def save_checkpoint(content: dict, path: Union[str, Path]) -> None:
    """Write a torch file that an interruption cannot truncate.

    Args:
        content (dict): As for :func:`encode_checkpoint`.
        path (str or Path): The file; its folder is made.
    """
    write_atomically(path, encode_checkpoint(content))


def save_hashed_checkpoint(content: dict, path: Union[str, Path]) -> Path:
    """Write a torch file whose name holds the start of its SHA-256.

    Args:
        content (dict): As for :func:`encode_checkpoint`.
        path (str or Path): ``NAME.pth``; its folder is made.

    Returns:
        Path: The file, ``NAME-xxxxxxxx.pth``.
    """
    path, data = Path(path), encode_checkpoint(content)
    digest = hashlib.sha256(data).hexdigest()
    path = path.with_name(f'{path.stem}-{digest[:8]}{path.suffix}')
    write_atomically(path, data)
    return path
