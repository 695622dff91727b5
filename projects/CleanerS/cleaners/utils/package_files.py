"""Configs and tools of the package, also where no clone is around."""

import os
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .errors import InputError

_PACKAGE = Path(__file__).resolve().parents[1]
# of an installed package, of a clone
_ROOTS = (_PACKAGE / '.mim', _PACKAGE.parents[2])
_FOLDER = 'configs'
# configs of others inherit by it: _base_ = '{{$CLEANERS_CONFIGS:configs}}/NAME.py'
_VARIABLE = 'CLEANERS_CONFIGS'


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

    The environment's ``CLEANERS_CONFIGS`` names the folder of the package's, unless
    it is set, so that a config of another repository can inherit from them.

    Args:
        path (str): As :func:`find_config` takes it.
        **kwargs: Of :meth:`mmengine.config.Config.fromfile`.

    Raises:
        InputError: If the file, or one that it is based on, is missing.
    """
    found = find_config(path)
    for folder in filter(Path.is_dir, (root / _FOLDER for root in _ROOTS)):
        os.environ.setdefault(_VARIABLE, str(folder))
    if not Path(found).is_file():
        raise InputError(f"config '{path}' not found")
    try:
        return Config.fromfile(found, **kwargs)
    except FileNotFoundError as error:
        raise InputError(f"config '{path}': {error}") from error


def list_tools() -> dict[str, Path]:
    """List the tools of the package, or of the clone.

    Returns:
        dict[str, Path]: By name, such as 'train'; in the order of their names.
    """
    folder = next(root / 'tools' for root in _ROOTS if (root / 'tools').is_dir())
    return dict(sorted((path.stem, path) for path in folder.rglob('*.py')))
