"""Let mmdet, mmseg and mmdet3d import where mmcv has no operators.

``mmcv-lite`` is mmcv without its compiled operators, which take a compiler
and a quarter of an hour to build. None of this project's models calls one,
but the packages below it look for them when they are imported.
"""
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Callable

_EXTENSION = 'mmcv._ext'


class _NoOperators(ModuleType):
    """A module in which every name is an operator that says it is missing."""

    def __getattr__(self, name: str) -> Callable:
        if name.startswith('__'):
            raise AttributeError(name)

        def operator(*args, **kwargs):
            raise RuntimeError(
                f'mmcv was installed without its operators, but {name!r} was '
                'called; install a full mmcv: MMCV_OPS=1 make install, or '
                'pip uninstall mmcv-lite and mim install "mmcv>=2.0.0,<2.2.0"')

        return operator


def stand_in_for_operators() -> None:
    """Register the stand-in, unless mmcv has operators of its own.

    Raises:
        ModuleNotFoundError: If there is no mmcv at all.
    """
    mmcv = find_spec('mmcv')
    if mmcv is None:
        raise ModuleNotFoundError(
            'cleaners needs mmcv: pip install "mmcv-lite>=2.0.0,<2.2.0" (no '
            'compiler needed), or a full mmcv for the other models of '
            'mmdet3d: mim install "mmcv>=2.0.0,<2.2.0"')
    places = mmcv.submodule_search_locations
    if _EXTENSION not in sys.modules and not PathFinder.find_spec(
            _EXTENSION, places):
        module = _NoOperators(_EXTENSION)
        # without one, a look for it (pkgutil.find_loader) is an error
        module.__spec__ = ModuleSpec(_EXTENSION, loader=None)
        sys.modules[_EXTENSION] = module
