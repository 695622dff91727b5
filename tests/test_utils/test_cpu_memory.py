import subprocess
import sys

import pytest

from cleaners.utils.cpu_memory import keep_freed_memory

SCRIPT = """
import resource
import torch
from mmengine.config import Config
from cleaners.apis import init_ssc_model
from cleaners.testing import tiny_ssc_net
from cleaners.utils.cpu_memory import keep_freed_memory

def page_faults(megabytes, others=20):  # of four tensors, after others
    for _ in range(others):  # aligned blocks settle after some
        torch.ones(megabytes * 2**18)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.ones(megabytes * 2**18)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - start

cfg = Config(dict(model=tiny_ssc_net()))
init_ssc_model(cfg)
print(page_faults(64))
assert keep_freed_memory(4)
print(page_faults(64))
init_ssc_model(cfg, keep_memory=True)
print(page_faults(64))
assert keep_freed_memory(4)
print(page_faults(256, others=2))  # more than was kept
"""
PAGES = 4 * 2**26 // 4096


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='glibc is asked')
@pytest.mark.long
def test_kept_memory_costs_no_page_faults():
    result = subprocess.run(
        [sys.executable, '-c', SCRIPT], check=True, capture_output=True, text=True
    )
    plain, given_back, kept, again = map(int, result.stdout.split())
    # a model leaves the process as it is unless it is asked
    assert plain > PAGES * 0.9
    assert given_back > PAGES * 0.9  # larger than 4 MB
    assert kept < PAGES * 0.5
    assert again > 4 * PAGES * 0.9


@pytest.mark.parametrize('size', [-1, 33, float('nan')])
def test_a_size_that_glibc_does_not_know(size):
    with pytest.raises(ValueError, match='should lie in 0..32'):
        keep_freed_memory(size)
