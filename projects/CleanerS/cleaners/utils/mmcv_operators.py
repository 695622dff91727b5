"""Let mmdet, mmseg and mmdet3d import where mmcv has no operators.

``mmcv-lite`` is mmcv without its compiled operators, which take a compiler
and a quarter of an hour to build. None of this project's models calls one,
but the packages below it look for them when they are imported.
"""

import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Callable, NoReturn

from .errors import show_as_one_line

_EXTENSION = 'mmcv._ext'
_VERSIONS = '>=2.0.0rc4,<2.2.0'  # what mmdet and mmdet3d accept


class _NoOperators(ModuleType):
    """A module in which every name is an operator that says it is missing."""

    def __init__(self) -> None:
        super().__init__(_EXTENSION)
        # without a loader it does not count as there: mmengine, for example,
        # uses mmcv's SyncBatchNorm only where there is one
        self.__spec__ = ModuleSpec(_EXTENSION, loader=None)

    def __getattr__(self, name: str) -> Callable:
        if name.startswith('__'):
            raise AttributeError(f'{_EXTENSION} has no {name}')

        def operator(*args: object, **kwargs: object) -> NoReturn:
            raise RuntimeError(
                f'mmcv was installed without its operators, but {name!r} was '
                'called; install a full mmcv: MMCV_OPS=1 make install, or pip '
                f'uninstall mmcv-lite and mim install "mmcv{_VERSIONS}"'
            )

        return operator


def stand_in_for_operators() -> None:
    """Register the stand-in, unless mmcv has operators of its own.

    Raises:
        ModuleNotFoundError: If there is no mmcv at all.
    """
    mmcv = find_spec('mmcv')
    # an uninstalled mmcv can leave a folder behind: a namespace, no origin
    if mmcv is None or mmcv.origin is None:
        error = ModuleNotFoundError(
            f'cleaners needs mmcv: pip install "mmcv-lite{_VERSIONS}" (no '
            'compiler needed), or a full mmcv for the other models of '
            f'mmdet3d: mim install "mmcv{_VERSIONS}"',
            name='mmcv',
        )
        show_as_one_line(error)
        raise error
    if _EXTENSION not in sys.modules and not PathFinder.find_spec(
        _EXTENSION, mmcv.submodule_search_locations
    ):
        sys.modules[_EXTENSION] = _NoOperators()
