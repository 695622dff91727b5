"""Which network of a config is tested."""

import inspect
from typing import TypeVar

from mmdet3d.registry import MODELS

from ..utils.errors import InputError

Cfg = TypeVar('Cfg', bound=dict)

# what a model calls the network that it trains, the outer one first
_TRAINED = ('generator', 'student')


def student_cfg(model_cfg: Cfg) -> Cfg:
    """Return the network that a model's config tests: itself, or a student.

    Args:
        model_cfg (dict): Of a network, or of what trains one, in whatever
            depth.

    Raises:
        InputError: If what trains it has no such argument; it would be left
            out without a word, as ``model.channels`` is where
            ``model.student.channels`` is meant.
    """
    path = 'model'
    for name in _TRAINED:
        if name in model_cfg:
            _refuse_unknown(model_cfg, path, f'{path}.{name}')
            model_cfg, path = model_cfg[name], f'{path}.{name}'
    return model_cfg


def _refuse_unknown(model_cfg: dict, path: str, inner: str) -> None:
    """Refuse keys that the class of a model does not take."""
    kind = model_cfg['type']
    known = kind if inspect.isclass(kind) else MODELS.get(kind)
    if known is None:  # building it says so
        return
    for key in model_cfg.keys() - {'type', *_arguments(known)}:
        raise InputError(
            f"config key '{path}.{key}' does nothing: {known.__name__} has no "
            f"such argument; perhaps '{inner}.{key}' is meant"
        )


def _arguments(kind: type) -> set[str]:
    """Names of what a class takes, and hands to those that it derives from."""
    names: set[str] = set()
    for base in inspect.getmro(kind):
        parameters = inspect.signature(base).parameters
        names |= parameters.keys()
        if not any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
            break
    return names
