"""What a run trains: a model as one, or parts with an optimizer each."""

from typing import Any, NamedTuple

from mmengine.optim import OptimWrapper, OptimWrapperDict, _ParamScheduler
from mmengine.runner import Runner


class TrainedPart(NamedTuple):
    """What has an optimizer of its own.

    Attributes:
        name (str): Of the part; '' for a model that is trained as one.
        optim_wrapper (OptimWrapper): Its optimizer.
        schedulers (list[_ParamScheduler]): Of this optimizer.
    """

    name: str
    optim_wrapper: OptimWrapper
    schedulers: list[_ParamScheduler]

    def key(self, setting: str, rest: str) -> str:
        """Return the config key of a setting of this part."""
        return '.'.join(filter(None, (setting, self.name, rest)))


def list_parts(runner: Runner) -> list[TrainedPart]:
    """List what a run trains, once its optimizers and schedulers are built."""
    # declared as what they are before, too
    wrapper: Any = runner.optim_wrapper
    schedulers: Any = runner.param_schedulers
    if not isinstance(wrapper, OptimWrapperDict):
        return [TrainedPart('', wrapper, schedulers or [])]
    return [
        TrainedPart(name, part, part_of(schedulers, name) or [])
        for name, part in wrapper.items()
    ]


def part_of(whole: Any, name: str) -> Any:
    """Return what belongs to a part, of a dict with an entry for each.

    Args:
        whole (Any): None, or of a model that is trained as one, as it is.
        name (str): '' for such a model.
    """
    return whole[name] if name and whole is not None else whole


def rate_keys(runner: Runner) -> str:
    """Return the keys of the learning rates, for a message."""
    keys = (part.key('optim_wrapper', 'optimizer.lr') for part in list_parts(runner))
    return ' or '.join(keys)
