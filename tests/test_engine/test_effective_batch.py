"""How many batches make an update, and whether there is one at all."""

import pytest
from mmengine.dataset import DefaultSampler
from torch.utils.data import DataLoader

from cleaners.engine.effective_batch import check_train_frames, count_batches
from cleaners.utils.errors import InputError


@pytest.mark.parametrize(
    'batch_size, processes, base, counts',
    [
        (1, 1, 4, 4),
        (2, 1, 4, 2),
        (2, 2, 4, 1),
        (1, 2, 4, 2),
        (1, 4, 4, 1),
        (4, 1, 4, 1),
        (1, 1, 1, 1),
        (2, 8, 4, 1),
        (3, 2, 4, 1),
    ],
)
def test_the_effective_batch_stays(batch_size, processes, base, counts):
    assert count_batches(base, batch_size, processes) == counts


@pytest.mark.parametrize(
    'base, message',
    [
        (4, r'batch_size 3 x 1 processes do not divide .*=4: .*_size=3$'),
        (8, r'batch_size 3 x 1 processes do not divide .*=8: .*_size=6$'),
    ],
)
def test_what_does_not_divide_is_refused(base, message):
    with pytest.raises(InputError, match=message):
        count_batches(base, 3, 1)


@pytest.mark.parametrize(
    'frames, drop_last, fits',
    [
        (1, True, False),
        (2, True, True),
        (1, False, True),
    ],
)
def test_a_training_set_fills_a_batch(frames, drop_last, fits):
    frames = range(frames)
    loader = DataLoader(
        frames, batch_size=2, sampler=DefaultSampler(frames), drop_last=drop_last
    )
    if fits:
        check_train_frames(loader)
        return
    with pytest.raises(
        InputError, match='1 frames for each process do not fill one batch of 2'
    ):
        check_train_frames(loader)
