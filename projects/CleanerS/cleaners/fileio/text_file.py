"""Text files of others."""

from pathlib import Path
from typing import Union

from ..utils.errors import InputError
from .file_size import refuse_large

_MAX_BYTES = 16 * 2**20


def read_text(path: Union[str, Path], kind: str) -> str:
    """Read a text file.

    Args:
        path (str | Path): The file.
        kind (str): What it should be, for the message.

    Raises:
        OSError: If it cannot be read.
        InputError: If it is not UTF-8, or has more than 16 MiB.
    """
    refuse_large(Path(path), _MAX_BYTES, f"'{path}'", kind)
    try:
        return Path(path).read_text(encoding='utf-8-sig')
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is no {kind}: it is not UTF-8 text") from error
