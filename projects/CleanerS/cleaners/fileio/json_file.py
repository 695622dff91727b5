"""JSON files that this project writes, read back."""

import json
from pathlib import Path
from typing import Union

from ..utils.errors import InputError
from .file_size import refuse_large

_MAX_BYTES = 512 * 2**20


def read_object(path: Union[str, Path]) -> dict:
    """Read a JSON object.

    Args:
        path (str or Path): The file.

    Returns:
        dict: Its content.

    Raises:
        FileNotFoundError: If there is no such file.
        InputError: If it holds something else, or more than 512 MiB.
    """
    mend = '; delete it and make it anew'
    refuse_large(Path(path), _MAX_BYTES, f"'{path}'", 'such file', mend)
    try:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"'{path}' is not a JSON file ({error}); delete it and make it anew"
        ) from error
    if not isinstance(content, dict):
        raise InputError(
            f"'{path}' should hold a JSON object, but holds a "
            f'{type(content).__name__}; delete it and make it anew'
        )
    return content
