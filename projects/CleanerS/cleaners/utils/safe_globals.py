"""Let ``torch.load(weights_only=True)`` read mmengine's own checkpoints.

mmengine 0.10 stores its message hub in every checkpoint: HistoryBuffer
objects and numpy values, which the safe loader of torch >= 2.6 refuses. The
authors' checkpoints hold a numpy float32. Exactly these types are allowed; a
file that asks for anything else is still refused.
"""

import builtins
from typing import Callable, Union

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

_HISTORY_METHODS = ('min', 'max', 'mean', 'current')


def _history_getattr(owner: type, name: str) -> Callable:
    """Stand in for ``getattr`` in a checkpoint: HistoryBuffer's statistics.

    Raises:
        ValueError: If any other attribute is asked for.
    """
    if owner is not HistoryBuffer or name not in _HISTORY_METHODS:
        raise ValueError(f'a checkpoint may not ask for {owner}.{name}')
    return getattr(owner, name)


def register_safe_globals() -> None:
    """Allow the types of mmengine's checkpoints in safe loading."""
    if not hasattr(torch.serialization, 'add_safe_globals'):
        return  # torch < 2.4 knows no such list
    core = np.core.multiarray
    allowed: list[Union[Callable, tuple[Callable, str]]] = [
        HistoryBuffer,
        np.ndarray,
        np.dtype,
        type(np.dtype(np.float32)),
        type(np.dtype(np.float64)),
        type(np.dtype(np.int64)),
        (_history_getattr, f'{builtins.__name__}.getattr'),
    ]
    for module in ('numpy.core.multiarray', 'numpy._core.multiarray'):
        for name in ('_reconstruct', 'scalar'):
            allowed.append((getattr(core, name), f'{module}.{name}'))
    torch.serialization.add_safe_globals(allowed)
