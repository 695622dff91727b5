import itertools

import pytest
import torch

from cleaners.models.layers import ALL_FLIPS, GridSymmetry, draw_symmetry
from cleaners.models.layers.grid_symmetry import HORIZONTAL


@pytest.mark.parametrize('flips', [(), (2,), (4,), HORIZONTAL])
@pytest.mark.parametrize('exchanges', [False, True])
def test_a_view_moves_every_voxel_and_is_undone(flips, exchanges):
    view = GridSymmetry(flips, exchanges)
    volume = torch.arange(2 * 3 * 4).view(1, 1, 2, 3, 4)
    seen = view.apply(volume)
    for x, y, z in itertools.product(range(2), range(3), range(4)):
        place = [x, y, z]
        if 2 in flips:
            place[0] = 1 - x
        if 4 in flips:
            place[2] = 3 - z
        if exchanges:
            place = place[::-1]
        assert seen[(0, 0, *place)] == volume[0, 0, x, y, z]
    assert torch.equal(view.undo(seen), volume)


def test_each_view_is_drawn_equally_often():
    torch.manual_seed(0)
    draws = [draw_symmetry(0.5, 0.5) for _ in range(4000)]
    assert len(set(draws)) == 8
    for view in set(draws):
        assert abs(draws.count(view) / 4000 - 1 / 8) < 0.025  # five sigma
    assert {draw_symmetry(0.5) for _ in range(50)} == set(ALL_FLIPS)


def test_without_an_exchange_nothing_is_drawn_for_it():
    """The numbers that follow are those that they always were."""
    torch.manual_seed(0)
    expected = torch.rand(3)[2]
    torch.manual_seed(0)
    draw_symmetry(0.5)
    assert torch.rand(()) == expected
