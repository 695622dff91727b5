"""How the C library keeps memory that tensors on the CPU have given back.

A volume of 256 channels takes 133 MB. By default the memory of each goes back
to the system when it is freed, and the next one is paid for again, page by
page, which takes longer than to fill it.
"""

import ctypes
import sys

# mallopt(3) of glibc
_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_MMAP_MAX = -4
_MMAP_MAX_DEFAULT = 65536
_NEVER = 2**31 - 1
# glibc allows no larger threshold
MAX_KEPT_MB = 32


def keep_freed_memory(up_to_mb: float = float('inf')) -> bool:
    """Keep freed memory in this process for the next tensor.

    Memory that is kept is never given back, and there are holes in it: a
    training step takes more of it (docs/performance.md). The last call
    counts.

    Args:
        up_to_mb (float): Blocks of at least this size still go back to the
            system. At most 32, or infinite. Defaults to infinite.

    Returns:
        bool: Whether the C library could be told; False where it is not
        glibc.

    Raises:
        ValueError: If glibc does not know such a size.
    """
    check_kept_size(up_to_mb)
    if not sys.platform.startswith('linux'):
        return False
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is None:
        return False
    if up_to_mb == float('inf'):
        done = mallopt(_MMAP_MAX, 0)
    else:  # also after a call that kept all
        done = mallopt(_MMAP_THRESHOLD, int(up_to_mb * 2**20)) and mallopt(
            _MMAP_MAX, _MMAP_MAX_DEFAULT
        )
    return bool(done and mallopt(_TRIM_THRESHOLD, _NEVER))


def check_kept_size(up_to_mb: float) -> None:
    """Check what :func:`keep_freed_memory` takes.

    Raises:
        ValueError: If glibc does not know such a size.
    """
    is_number = isinstance(up_to_mb, (int, float))
    if not is_number or not (0 <= up_to_mb <= MAX_KEPT_MB or up_to_mb == float('inf')):
        raise ValueError(
            f'should lie in 0..{MAX_KEPT_MB} or be infinite, but got {up_to_mb!r}'
        )
