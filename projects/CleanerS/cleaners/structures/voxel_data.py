from collections.abc import Mapping
from typing import Any, Union

import numpy as np
import torch
from mmengine.structures import BaseDataElement

# of every class list of voxels
EMPTY_CLASS = 0
# label of a voxel of which nothing is known, or that is not shown
IGNORE = 255


class VoxelData(BaseDataElement):
    """Per-voxel data of one frame; every field covers the same grid.

    Each field is a tensor or array whose last three dimensions are the grid
    (X, Y, Z) = (sideways, height, depth); leading dimensions are free (class
    logits are (num_classes, X, Y, Z)). The shape is checked at assignment.

    Examples:
        >>> import torch
        >>> gt = VoxelData(label=torch.zeros(60, 36, 60, dtype=torch.long))
        >>> gt.grid_size
        (60, 36, 60)
        >>> gt.label_weight = torch.ones(60, 36, 60, dtype=torch.bool)
    """

    # the fields of an SSCDataSample as far as it has them, which says what
    # they mean
    label: torch.Tensor
    label_weight: torch.Tensor
    occluded: torch.Tensor
    scene: torch.Tensor
    logits: torch.Tensor
    void: torch.Tensor
    confidence: torch.Tensor
    free: torch.Tensor
    outside: torch.Tensor
    points: torch.Tensor

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field after checking its type and grid.

        Raises:
            TypeError: If ``value`` is neither a tensor nor an array.
            ValueError: If ``value`` has another grid than the other fields.
        """
        if name not in ('_metainfo_fields', '_data_fields'):
            self._check_field(name, value)
        super().__setattr__(name, value)

    def _check_field(self, name: str, value: Any) -> None:
        if not isinstance(value, (torch.Tensor, np.ndarray)):
            raise TypeError(
                f'{name} should be a tensor or an array, but got {type(value).__name__}'
            )
        if value.ndim < 3:
            raise ValueError(
                f'{name} should end in the three grid axes '
                f'(X, Y, Z), but got shape {tuple(value.shape)}'
            )
        others = [key for key in self._data_fields if key != name]
        if others and tuple(value.shape[-3:]) != self._grid_of(others[0]):
            raise ValueError(
                f'{name} has the grid {tuple(value.shape[-3:])}, but '
                f'{others[0]} has {self._grid_of(others[0])}'
            )

    def _grid_of(self, name: str) -> tuple[int, int, int]:
        x, y, z = getattr(self, name).shape[-3:]
        return x, y, z

    @property
    def grid_size(self) -> tuple[int, int, int]:
        """tuple[int]: The common grid (X, Y, Z); (0, 0, 0) without fields."""
        for name in self._data_fields:
            return self._grid_of(name)
        return (0, 0, 0)


def scene_of(pred: Union[Mapping, VoxelData]) -> torch.Tensor:
    """Return what a prediction says of all space, (X, Y, Z).

    Args:
        pred (Mapping): :obj:`VoxelData` or its dict; ``scene``, where
            a network tells what is void, else ``label``, which means nothing
            where its loss did not look.
    """
    name = 'scene' if 'scene' in pred else 'label'
    return pred[name] if isinstance(pred, Mapping) else getattr(pred, name)
