import subprocess
import sys

import pytest

from cleaners.utils.cpu_memory import keep_freed_memory

FAULTS = '''
import resource, sys
import torch
from cleaners.utils.cpu_memory import keep_freed_memory

def page_faults(megabytes):  # of four tensors, after many others
    for _ in range(20):  # aligned blocks settle after some
        torch.ones(megabytes * 2**18)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.ones(megabytes * 2**18)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - start

print(page_faults(64))
assert keep_freed_memory(4)
print(page_faults(64))
assert keep_freed_memory()
print(page_faults(64))
assert keep_freed_memory(4)
print(page_faults(256))  # more than was kept
'''


@pytest.mark.skipif(
    not sys.platform.startswith('linux'), reason='glibc is asked')
def test_kept_memory_costs_no_page_faults():
    result = subprocess.run([sys.executable, '-c', FAULTS],
                            check=True,
                            capture_output=True,
                            text=True)
    default, given_back, kept, again = map(int, result.stdout.split())
    pages = 4 * 2**26 // 4096
    assert default > pages * 0.9
    assert given_back > pages * 0.9  # larger than 4 MB
    assert kept < pages * 0.5
    assert again > 4 * pages * 0.9


@pytest.mark.parametrize('size', [-1, 33, float('nan')])
def test_a_size_that_glibc_does_not_know(size):
    with pytest.raises(ValueError, match='should lie in 0..32'):
        keep_freed_memory(size)
