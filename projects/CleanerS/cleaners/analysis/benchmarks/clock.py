"""Time: of a device, of stages, and of several runs together."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class DeviceClock:
    """Takes the time on the device that computes.

    CUDA works behind the back of the process, so its events are taken there.

    Args:
        device (str): Such as 'cpu' or 'cuda:0'.
    """

    def __init__(self, device: str = 'cpu') -> None:
        self.is_cuda = device.startswith('cuda')
        self._device = device

    def now(self) -> Any:
        """Return a mark for :meth:`seconds`."""
        if not self.is_cuda:
            return time.perf_counter()
        # here: the memory of the task prepare is that without torch
        import torch

        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self._device))
        return event

    def seconds(self, start: Any, end: Any) -> float:
        """Return the time between two marks, waiting for the second."""
        if not self.is_cuda:
            return end - start
        end.synchronize()
        return start.elapsed_time(end) / 1000


class StageClock:
    """Adds up the time of stages on the CPU.

    Args:
        stages (Sequence[str]): Their names.

    Attributes:
        wall (dict[str, float]): Seconds by the clock.
        cpu (dict[str, float]): Seconds of this process, all threads.
    """

    def __init__(self, stages: Sequence[str]) -> None:
        self.wall: dict[str, float] = dict.fromkeys(stages, 0.0)
        self.cpu: dict[str, float] = dict.fromkeys(stages, 0.0)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure what runs inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[stage] += time.perf_counter() - wall
        self.cpu[stage] += time.process_time() - cpu


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return ``median``, ``min`` and ``max`` of several runs."""
    return dict(median=statistics.median(values), min=min(values), max=max(values))


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of every key of several runs."""
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def format_spread(
    values: dict[str, float], unit: str, scale: float = 1.0, digits: int = 3
) -> str:
    """Format what :func:`spread` returns.

    Args:
        values (dict[str, float]): The numbers.
        unit (str): Of the text.
        scale (float): Units to one of the numbers. Defaults to 1.
        digits (int): After the point. Defaults to 3.
    """
    middle, low, high = (
        f'{values[key] * scale:.{digits}f}' for key in ('median', 'min', 'max')
    )
    return f'{middle} {unit} ({low} to {high})'
