"""Arithmetic: how much the definition needs, how fast the machine is."""

import copy
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn as nn
from torch.utils import flop_counter

from .clock import DeviceClock
from .memory import format_peak, peak_mb, reset_peak
from .settings import Settings

_GIGA = 1e9
_REPEATS = 3
# where one product takes longer, a smaller one is measured
_MATMUL_LIMIT_S = 5.0


def matmul_rate(settings: Settings) -> float:
    """Measure the rate of a float32 matrix product.

    Args:
        settings (Settings): Device, and side of the matrices; half of it
            where one product takes more than 5 s.

    Returns:
        float: GFLOP/s, the median of three; the matrices are freed.
    """
    size = settings.matmul_size
    # the first one warms up
    if _time_matmul(size, settings.device, 1)[0] > _MATMUL_LIMIT_S:
        size //= 2
    seconds = _time_matmul(size, settings.device, _REPEATS)
    return 2 * size**3 / statistics.median(seconds) / _GIGA


@contextmanager
def judge_machine(settings: Settings) -> Iterator[dict[str, float]]:
    """Measure memory, and the machine before and after what runs inside.

    Args:
        settings (Settings): Device, and side of the matrix product.

    Yields:
        dict[str, float]: Filled at the end: ``peak_mb`` of what ran inside,
        ``matmul_gflop_per_second``, the mean of before and after, and these
        two.
    """
    numbers: dict[str, float] = {}
    before = matmul_rate(settings)
    reset_peak(settings.device)
    yield numbers
    numbers['peak_mb'] = peak_mb(settings.device)
    after = matmul_rate(settings)
    numbers.update(
        matmul_before=before,
        matmul_after=after,
        matmul_gflop_per_second=(before + after) / 2,
    )


def add_fraction(result: dict, seconds: float) -> dict:
    """Add the achieved rate, and its part of the machine's, to a result.

    Args:
        result (dict): With ``gflop`` and what :func:`judge_machine` gives.
        seconds (float): Median time in which that was computed.
    """
    rate = result['gflop'] / seconds
    return dict(
        result, gflop_per_second=rate, fraction=rate / result['matmul_gflop_per_second']
    )


def format_fraction(result: dict) -> str:
    """Format what :func:`add_fraction` gives."""
    return (
        f'{result["gflop"]:.1f} GFLOP of the definition at '
        f'{result["gflop_per_second"]:.1f} GFLOP/s: '
        f'{result["fraction"]:.3f} of a matrix product '
        f'({result["matmul_gflop_per_second"]:.1f} GFLOP/s; '
        f'{result["matmul_before"]:.1f} before, '
        f'{result["matmul_after"]:.1f} after)\n{format_peak(result)}'
    )


def count_forward(model: nn.Module, inputs: dict, stages: Sequence[str] = ()) -> dict:
    """Count the arithmetic of a forward pass as METHOD defines it.

    A copy runs in training mode, but without gradients: in eval mode the
    network leaves out what prediction does not need.

    Args:
        model (SSCSegmentor): Stays as it is.
        inputs (dict[str, Tensor]): A batch.
        stages (Sequence[str]): Names of submodules that are counted, too.

    Returns:
        dict[str, float]: GFLOP of ``total`` and of each stage.
    """
    model = copy.deepcopy(model).train()
    with torch.no_grad(), flop_counter_mode() as counter:
        model(inputs, mode='tensor')
    counts, name = counter.get_flop_counts(), type(model).__name__
    by_stage = {
        stage: sum(counts.get(f'{name}.{stage}', {}).values()) / _GIGA
        for stage in stages
    }
    return dict(by_stage, total=counter.get_total_flops() / _GIGA)


def count_step(model: nn.Module, inputs: dict, data_samples: list) -> float:
    """Count the arithmetic of the supervised losses and their gradients.

    Args:
        model (SSCSegmentor): Stays as it is.
        inputs (dict[str, Tensor]): A batch.
        data_samples (list[SSCDataSample]): Its ground truth.

    Returns:
        float: GFLOP.
    """
    model = copy.deepcopy(model).train()
    module: Any
    for module in model.modules():
        if getattr(module, 'with_cp', False):
            module.with_cp = False  # the definition computes nothing twice
    with flop_counter_mode() as counter:
        sum(model(inputs, data_samples, mode='loss').values()).backward()
    return counter.get_total_flops() / _GIGA


def flop_counter_mode() -> flop_counter.FlopCounterMode:
    """Return torch's counter, made to see kernels of the CPU, too."""
    aten, onednn = torch.ops.aten, torch.ops.mkldnn
    return flop_counter.FlopCounterMode(
        display=False,
        custom_mapping={
            aten._scaled_dot_product_flash_attention_for_cpu: _count_attention,
            aten._scaled_dot_product_flash_attention_for_cpu_backward: (
                _count_attention_backward
            ),
            onednn._convolution_pointwise: partial(_count_convolution, False),
            onednn._convolution_transpose_pointwise: partial(_count_convolution, True),
        },
    )


# these get the shapes of what the kernels get


def _count_attention(*shapes: tuple, **_: object) -> int:
    return flop_counter.sdpa_flop_count(*shapes[:3])


def _count_attention_backward(*shapes: tuple, **_: object) -> int:
    return flop_counter.sdpa_backward_flop_count(*shapes[:4])


def _count_convolution(
    transposed: bool,
    x_shape: list[int],
    weight_shape: list[int],
    *_: object,
    out_shape: list[int],
    **__: object,
) -> int:
    return flop_counter.conv_flop_count(x_shape, weight_shape, out_shape, transposed)


def _time_matmul(size: int, device: str, repeats: int) -> list[float]:
    """Seconds of each of several products."""
    clock = DeviceClock(device)
    first, second = torch.rand(2, size, size, device=device)
    marks = [clock.now()]
    for _ in range(repeats):
        torch.mm(first, second)
        marks.append(clock.now())
    return [clock.seconds(*pair) for pair in zip(marks, marks[1:])]
