"""Dask as the place where joblib runs its work."""

from contextlib import contextmanager
from typing import Iterator

from joblib import parallel_config

from ..utils.errors import InputError

_TIMEOUT_S = 10


@contextmanager
def dask_cluster(scheduler: str) -> Iterator[None]:
    """Let joblib run on the workers of a Dask cluster.

    They need this package, and the same paths to the data. The work of a
    worker that is killed is done by the others.

    Args:
        scheduler (str): Address, such as 'tcp://10.0.0.1:8786'.

    Raises:
        InputError: If Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("--dask needs the package 'distributed': pip install "
                         "-e '.[dask]'") from error
    try:
        client = Client(scheduler, timeout=_TIMEOUT_S)
    except (OSError, ValueError) as error:
        raise InputError(f'--dask {scheduler}: no Dask scheduler answers '
                         f'there ({error})') from error
    with client:
        if not client.scheduler_info()['workers']:
            raise InputError(f'--dask {scheduler}: the scheduler has no '
                             "workers; start them by 'dask worker ADDRESS'")
        with parallel_config(backend='dask'):
            yield
