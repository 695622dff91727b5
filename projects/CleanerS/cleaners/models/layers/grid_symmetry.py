"""Mirror images and turns of a room, as a network sees it in training."""

from typing import NamedTuple

import torch
from torch import Tensor

# Sideways and depth; rooms are not upside down.
HORIZONTAL = (2, 4)


class GridSymmetry(NamedTuple):
    """Another view of volumes (B, C, X, Y, Z), and the way back.

    Attributes:
        flips (tuple[int]): Dimensions that are reversed, of ``HORIZONTAL``.
        exchanges (bool): Whether, after that, first and last grid axis are
            exchanged. Defaults to False.
    """

    flips: tuple[int, ...] = ()
    exchanges: bool = False

    def apply(self, volume: Tensor) -> Tensor:
        """Return the volume in this view; itself where nothing changes."""
        # without dimensions torch.flip would copy
        volume = volume.flip(self.flips) if self.flips else volume
        return volume.transpose(*HORIZONTAL) if self.exchanges else volume

    def undo(self, volume: Tensor) -> Tensor:
        """Return a volume of this view as it was."""
        volume = volume.transpose(*HORIZONTAL) if self.exchanges else volume
        return volume.flip(self.flips) if self.flips else volume


AS_IT_IS = GridSymmetry()
ALL_FLIPS = tuple(map(GridSymmetry, ((), (2,), (4,), HORIZONTAL)))


def draw_symmetry(flip_prob: float, exchange_prob: float = 0.0) -> GridSymmetry:
    """Draw a symmetry from torch's generator.

    Args:
        flip_prob (float): Of each of the two flips.
        exchange_prob (float): Of the exchange. Where it is 0 there is no
            draw for it. Defaults to 0.
    """
    probs = [flip_prob] * len(HORIZONTAL) + [exchange_prob] * (exchange_prob > 0)
    draws = torch.rand(len(probs)).tolist()
    drawn = [p < prob for p, prob in zip(draws, probs)]
    flips = tuple(dim for dim, is_on in zip(HORIZONTAL, drawn) if is_on)
    return GridSymmetry(flips, any(drawn[len(HORIZONTAL) :]))
