"""What a training loop counts: epochs, or iterations where it has none."""

from typing import NamedTuple

from mmengine.runner import BaseLoop, EpochBasedTrainLoop


class LoopUnit(NamedTuple):
    """What a loop counts, and how far it is.

    Attributes:
        name (str): 'epoch' or 'iter', as in ``epoch_1.pth`` and in the meta
            of a checkpoint.
        done (int): How many of them are done.
        total (int): How many there will be.
    """

    name: str
    done: int
    total: int

    @property
    def setting(self) -> str:
        """str: Key of ``total`` in a config."""
        return f'train_cfg.max_{self.name}s'


def unit_of(loop: BaseLoop) -> LoopUnit:
    """Return what a training loop counts.

    Args:
        loop (BaseLoop): mmengine's ``EpochBasedTrainLoop`` or
            ``IterBasedTrainLoop``, or one derived from them.
    """
    name = 'epoch' if isinstance(loop, EpochBasedTrainLoop) else 'iter'
    return LoopUnit(name, getattr(loop, name), getattr(loop, f'max_{name}s'))
