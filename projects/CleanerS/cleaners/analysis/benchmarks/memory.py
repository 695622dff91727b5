"""The most memory that was in use at once."""

from pathlib import Path

_MIB = 1 << 20


def reset_peak(device: str = 'cpu') -> None:
    """Forget the peak so far.

    Where the kernel does not allow it, the peak of a process stays that of
    its whole life.

    Args:
        device (str): Whose memory. Defaults to 'cpu'.
    """
    if device.startswith('cuda'):
        # here: the memory of the task prepare is that without torch
        import torch

        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        Path('/proc/self/clear_refs').write_text('5')
    except OSError:
        pass


def peak_mb(device: str = 'cpu') -> float:
    """Return the peak in MiB.

    On the CPU it is the largest resident size of this process, libraries
    included, and not ``ru_maxrss``, which starts from the size of the parent
    process. On CUDA it is what torch had allocated there.

    Args:
        device (str): Whose memory. Defaults to 'cpu'.
    """
    if device.startswith('cuda'):
        # here: the memory of the task prepare is that without torch
        import torch

        return torch.cuda.max_memory_allocated(device) / _MIB
    lines = Path('/proc/self/status').read_text().splitlines()
    status = dict(line.split(':', 1) for line in lines)
    return int(status['VmHWM'].split()[0]) / 1024


def format_peak(result: dict) -> str:
    """Format the ``peak_mb`` of a result."""
    return f'peak memory: {result["peak_mb"]:.0f} MiB'
