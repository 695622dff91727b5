"""How many frames make an update of the weights."""

from torch.utils.data import DataLoader

from ..utils.errors import InputError

BASE_KEY = 'default_hooks.effective_batch.base_batch_size'


def count_batches(base_batch_size: int, batch_size: int, num_processes: int) -> int:
    """Return how many batches of a process make an update.

    Args:
        base_batch_size (int): Frames of an update.
        batch_size (int): Frames of a batch of one process.
        num_processes (int): Of the run.

    Raises:
        InputError: If the frames of all processes do not divide it.
    """
    frames = batch_size * num_processes
    if frames < base_batch_size and base_batch_size % frames:
        raise InputError(
            f'batch_size {batch_size} x {num_processes} processes do not '
            f'divide {BASE_KEY}={base_batch_size}: change '
            'train_dataloader.batch_size or the number of processes, or set '
            f'{BASE_KEY}={base_batch_size // frames * frames}'
        )
    return max(base_batch_size // frames, 1)


def check_train_frames(dataloader: DataLoader) -> None:
    """Refuse a training set that does not fill one batch.

    Raises:
        InputError: If an epoch would have no iteration.
    """
    if len(dataloader) == 0:
        raise InputError(
            # mmengine's samplers have a length
            f'{len(dataloader.sampler)} '  # type: ignore[arg-type]
            'frames for each process do not fill '
            f'one batch of {dataloader.batch_size}, and drop_last=True: lower '
            'train_dataloader.batch_size, or set '
            'train_dataloader.drop_last=False'
        )
