import multiprocessing

import pytest

from cleaners.data_preparation.worker_processes import run_in_processes


@pytest.mark.parametrize('count', [1, 2])
def test_results_come_in_order_and_no_process_stays(count):
    """A process of multiprocessing would wait five minutes for one that did."""
    before = set(multiprocessing.active_children())
    pairs = [(n, 3) for n in range(5)]
    assert list(run_in_processes(divmod, pairs, count)) == [
        divmod(*pair) for pair in pairs
    ]
    assert set(multiprocessing.active_children()) <= before


def test_no_process_stays_after_an_error():
    before = set(multiprocessing.active_children())
    with pytest.raises(ZeroDivisionError):
        list(run_in_processes(divmod, [(1, 1), (1, 0)], 2))
    assert set(multiprocessing.active_children()) <= before
