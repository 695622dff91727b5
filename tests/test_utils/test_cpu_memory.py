import subprocess
import sys

import pytest

from cleaners.utils.cpu_memory import keep_freed_memory

FAULTS = '''
import resource, sys
import torch
from cleaners.utils.cpu_memory import keep_freed_memory
size = eval(sys.argv[1])
if size is not None:
    assert keep_freed_memory(size)
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):  # aligned blocks settle after some
    torch.ones(2**25)
start = faults()
for _ in range(4):
    torch.ones(2**25)
print(faults() - start)
'''


def page_faults(size):
    """Page faults of four tensors of 128 MiB, after many others."""
    result = subprocess.run([sys.executable, '-c', FAULTS, size],
                            check=True,
                            capture_output=True,
                            text=True)
    return int(result.stdout)


@pytest.mark.skipif(
    not sys.platform.startswith('linux'), reason='glibc is asked')
def test_kept_memory_costs_no_page_faults():
    pages = 4 * 2**27 // 4096
    assert page_faults('None') > pages * 0.9
    assert page_faults('4') > pages * 0.9  # larger than 4 MB: given back
    assert page_faults("float('inf')") < pages * 0.5


@pytest.mark.parametrize('size', [-1, 33, float('nan')])
def test_a_size_that_glibc_does_not_know(size):
    with pytest.raises(ValueError, match='up_to_mb should lie in 0..32'):
        keep_freed_memory(size)
