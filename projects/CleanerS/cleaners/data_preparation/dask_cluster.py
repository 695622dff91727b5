"""Work that the workers of a Dask cluster do.

Not through joblib's Dask back end: it waits for ever for work that has
failed, or has no worker left.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable

from ..utils.errors import InputError

if TYPE_CHECKING:
    from distributed import Client, Future

_TIMEOUT_S = 10
# how often it is looked whether there are workers
_PATIENCE_S = 5


def run_on_dask(
    work: Callable[[str], str], samples: Sequence[str], scheduler: str
) -> Iterator[str]:
    """Do some work for each frame.

    The workers need this package, and the same paths to the data. The work of
    one that is killed is done by the others.

    Args:
        work (Callable): Of one frame; returns what is wrong, or ''.
        samples (Sequence[str]): ``sample_idx`` of each frame.
        scheduler (str): Address, such as 'tcp://10.0.0.1:8786'.

    Returns:
        Iterator[str]: What it returns, in order; of a frame that killed
        every worker that tried it, that it did.

    Raises:
        InputError: If Dask is not installed, no scheduler answers, or no
            worker is left.
    """
    with _connect(scheduler) as client:
        futures = client.map(work, samples, pure=False)
        for future in futures:
            yield _result_of(future, client, scheduler)


@contextmanager
def _connect(scheduler: str) -> 'Iterator[Client]':
    """A client of a cluster that has workers."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--dask needs the package 'distributed': "
            'pip install -r requirements/dask.txt'
        ) from error
    try:
        client = Client(scheduler, timeout=_TIMEOUT_S)
    except (OSError, ValueError) as error:
        raise InputError(
            f'--dask {scheduler}: no Dask scheduler answers there ({error})'
        ) from error
    with client:
        _check_workers(client, scheduler)
        yield client


def _result_of(future: 'Future', client: 'Client', scheduler: str) -> str:
    """Wait for a frame as long as somebody can make it."""
    from distributed import KilledWorker, TimeoutError

    while True:
        try:
            return future.result(timeout=_PATIENCE_S)
        except TimeoutError:
            _check_workers(client, scheduler)
        except KilledWorker:
            return 'every worker that tried it was killed (out of memory?)'


def _check_workers(client: 'Client', scheduler: str) -> None:
    """Refuse to wait for a cluster without workers."""
    if not client.scheduler_info()['workers']:
        raise InputError(
            f'--dask {scheduler}: the scheduler has no workers; '
            "start them by 'dask worker ADDRESS' (finished "
            'frames are kept)'
        )
