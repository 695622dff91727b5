"""Which network of a config is tested."""

from typing import TypeVar

Cfg = TypeVar('Cfg', bound=dict)

# what a model calls the network that it trains, the outer one first
_TRAINED = ('generator', 'student')


def student_cfg(model_cfg: Cfg) -> Cfg:
    """Return the network that a model's config tests: itself, or a student.

    Args:
        model_cfg (dict): Of a network, or of what trains one, in whatever
            depth.
    """
    for name in _TRAINED:
        model_cfg = model_cfg.get(name, model_cfg)
    return model_cfg
