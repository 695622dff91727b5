"""Configs of the package, also where no clone is around."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from .errors import InputError

_PACKAGE = Path(__file__).resolve().parents[1]
# of an installed package, of a clone
_ROOTS = (_PACKAGE / '.mim', _PACKAGE.parents[2])
_FOLDER = 'configs'


def find_config(path: str) -> str:
    """Return the file of a config.

    Args:
        path (str): A file; or ``configs/NAME.py`` of the package, when the
            working folder has no such file.

    Returns:
        str: ``path`` itself, if it is there or not the package's.
    """
    if Path(path).parts[:1] == (_FOLDER,) and not Path(path).is_file():
        for root in _ROOTS:
            if (root / path).is_file():
                return str(root / path)
    return path


def open_config(path: str, **kwargs: Any) -> Config:
    """Read a config, from a file or from the package.

    Args:
        path (str): As :func:`find_config` takes it.
        **kwargs: Of :meth:`mmengine.config.Config.fromfile`.

    Raises:
        InputError: If the file, or one that it is based on, is missing.
    """
    found = find_config(path)
    if not Path(found).is_file():
        raise InputError(f"config '{path}' not found")
    try:
        return Config.fromfile(found, **kwargs)
    except FileNotFoundError as error:
        raise InputError(f"config '{path}': {error}") from error
