"""Which voxels count: the protocols of published tables.

docs/evaluation.md has them side by side, with the scores of one prediction
under each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from ...structures.voxel_data import scene_of
from ...utils.errors import InputError


class Counted(NamedTuple):
    """The voxels of a frame that count.

    Attributes:
        semantic (Tensor): (X, Y, Z) bool, for SSC, class by class.
        completion (Tensor): (X, Y, Z) bool, for SC, 'occupied' or not.
    """

    semantic: Tensor
    completion: Tensor


@dataclass(frozen=True)
class Protocol:
    """A way to count.

    Args:
        name (str): As a config writes it.
        is_weighted (bool): Whether voxels without label weight are left out,
            that is visible free space; else all that have a label count.
        is_hidden (bool): Whether SC leaves out the voxels that a pixel sees.
        is_scene (bool): Whether the scene is scored, in which a network may
            call voxels void; else its classes.
    """

    name: str
    is_weighted: bool
    is_hidden: bool
    is_scene: bool

    def scored(self, pred: Mapping[str, Tensor]) -> Tensor:
        """Return what is scored of a prediction, (X, Y, Z).

        Args:
            pred (Mapping[str, Tensor]): ``label`` and, from a network that
                tells what is void, ``scene``.
        """
        return scene_of(pred) if self.is_scene else pred['label']

    def count(self, truth: Mapping[str, Tensor], ignore_index: int) -> Counted:
        """Tell which voxels of a frame count.

        Args:
            truth (Mapping[str, Tensor]): ``label`` (X, Y, Z), and
                ``label_weight`` and ``occluded``, both bool, where they are
                asked for.
            ignore_index (int): Label that never counts.

        Returns:
            Counted: On the device of the labels.
        """
        semantic = truth['label'] != ignore_index
        if self.is_weighted:
            semantic = semantic & truth['label_weight']
        completion = semantic
        if self.is_hidden:
            completion = semantic & truth['occluded']
        return Counted(semantic, completion)


# as 3D-Sketch (CVPR 2020) counts, and all that compare with it
SKETCH = Protocol('3dsketch', is_weighted=True, is_hidden=True, is_scene=False)
# as MonoScene (CVPR 2022) counts
ALL = Protocol('all', is_weighted=False, is_hidden=False, is_scene=True)
PROTOCOLS = {protocol.name: protocol for protocol in (SKETCH, ALL)}


def get_protocol(name: str) -> Protocol:
    """Find a protocol.

    Args:
        name (str): '3dsketch' or 'all'.

    Returns:
        Protocol: Of that name.

    Raises:
        InputError: If there is none.
    """
    if name not in PROTOCOLS:
        raise InputError(
            f'unknown evaluation protocol {name!r}; choose one '
            f'of {list(PROTOCOLS)} (docs/evaluation.md)'
        )
    return PROTOCOLS[name]
