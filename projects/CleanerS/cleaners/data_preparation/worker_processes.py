"""Work shared out to processes of this machine."""

from collections.abc import Iterable, Iterator
from typing import Callable

from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor


def run_in_processes(work: Callable, items: Iterable[tuple], count: int) -> Iterator:
    """Call a function for each item, in processes that end with the last call.

    joblib keeps its processes for five minutes. A program's end does not wait for
    them, but that of a process which multiprocessing has started does.

    Args:
        work (Callable): Can be pickled.
        items (Iterable[tuple]): Its arguments, item by item.
        count (int): Processes; 1 works here.

    Returns:
        Iterator: What the calls return, in order.
    """
    try:
        yield from Parallel(n_jobs=count, return_as='generator')(
            delayed(work)(*item) for item in items
        )
    finally:
        if count > 1:
            get_reusable_executor(reuse=True).shutdown()
