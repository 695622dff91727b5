"""Configs of the package, also where no clone is around."""

from pathlib import Path

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
