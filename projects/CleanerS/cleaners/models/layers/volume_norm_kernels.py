"""Passes of BatchNorm and ReLU over a channels-last volume, fused.

Each reads a volume once, where torch's operators need three to nine passes.
Sums are made of blocks of rows in the precision of the statistics and added up
in double precision, always in the same order, whatever the number of threads.
A volume in bfloat16 comes as its bits, uint16: numpy and numba do not know the
type. The arithmetic is in float32 then.
"""

from types import FunctionType
from typing import Any, Callable, NamedTuple

import numba
import numpy as np
import torch
from numba.extending import overload

from ...geometry.compiled import compiled

# OpenMP first: numba warns of a TBB that is there but too old
# (the names of its config are set when it is imported, which mypy does not see)
numba.config.THREADING_LAYER_PRIORITY = ['omp', 'tbb', 'workqueue']  # type: ignore[attr-defined]
# parts of a volume, each summed by one thread
_PARTS = 16
# rows that are added up before double precision takes over
_BLOCK = 64
# numbers from which on several threads pay
_LARGE = 2**15
# sums may be vectorised; infinity and NaN stay what they are
_FAST = {'contract', 'reassoc', 'nsz'}


def sum_moments(x: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Add up deviations and their squares, channel by channel.

    Args:
        x (np.ndarray): (N, C).
        near (np.ndarray): (C,), near the mean, so that nothing is lost.

    Returns:
        np.ndarray: (2, C) float64.
    """
    sums = np.zeros((_PARTS, 2, x.shape[1]))
    _run(_sum_moments, x, near, sums)
    return sums.sum(0)


def normalise(
    x: np.ndarray, scale: np.ndarray, shift: np.ndarray, relu: bool, out: np.ndarray
) -> None:
    """Write ``x * scale + shift``, not less than 0 with ``relu``.

    Args:
        x (np.ndarray): (N, C).
        scale (np.ndarray): (C,).
        shift (np.ndarray): (C,).
        relu (bool): Whether a ReLU follows.
        out (np.ndarray): (N, C), overwritten.
    """
    _run(_normalise, x, scale, shift, relu, out)


def sum_gradients(
    x: np.ndarray,
    grad: np.ndarray,
    mean: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray,
    relu: bool,
) -> np.ndarray:
    """Add up the gradient, and its product with ``x - mean``.

    Args:
        x (np.ndarray): (N, C), input of the norm.
        grad (np.ndarray): (N, C), of the output.
        mean (np.ndarray): (C,).
        scale (np.ndarray): (C,), as in :func:`normalise`.
        shift (np.ndarray): (C,), likewise.
        relu (bool): Whether a ReLU follows.

    Returns:
        np.ndarray: (2, C) float64.
    """
    sums = np.zeros((_PARTS, 2, x.shape[1]))
    _run(_sum_gradients, x, grad, mean, scale, shift, relu, sums)
    return sums.sum(0)


def input_gradient(
    x: np.ndarray,
    grad: np.ndarray,
    mean: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray,
    relu: bool,
    slope: np.ndarray,
    offset: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write ``grad * scale - (x - mean) * slope - offset``.

    Args:
        x (np.ndarray): (N, C), input of the norm.
        grad (np.ndarray): (N, C), of the output; 0 in its place where the
            ReLU lets nothing through.
        mean (np.ndarray): (C,).
        scale (np.ndarray): (C,), as in :func:`normalise`.
        shift (np.ndarray): (C,), likewise.
        relu (bool): Whether a ReLU follows.
        slope (np.ndarray): (C,).
        offset (np.ndarray): (C,).
        out (np.ndarray): (N, C), overwritten.
    """
    _run(_input_gradient, x, grad, mean, scale, shift, relu, slope, offset, out)


def _load(number: np.number) -> np.floating:
    """Return a number of a volume as one to reckon with."""
    raise NotImplementedError('for compiled code only')


# numba compares the parameters, with annotations, with those of what it gives
@overload(_load, inline='always')
def _compile_load(number):  # type: ignore[no-untyped-def]
    if number == numba.types.uint16:
        return lambda number: np.uint32(np.uint32(number) << np.uint32(16)).view(
            np.float32
        )
    return lambda number: number


def _store(number: np.floating, like: np.number) -> np.number:
    """Return it as the volume that ``like`` comes from holds it."""
    raise NotImplementedError('for compiled code only')


@overload(_store, inline='always')
def _compile_store(number, like):  # type: ignore[no-untyped-def]
    if like == numba.types.uint16:
        return _round_to_bfloat16
    return lambda number, like: number


def _round_to_bfloat16(number, like):  # type: ignore[no-untyped-def]
    bits = np.float32(number).view(np.uint32)
    # to the nearest, ties to even
    last = (bits >> np.uint32(16)) & np.uint32(1)
    return np.uint16((bits + np.uint32(0x7FFF) + last) >> np.uint32(16))


class _Kernel(NamedTuple):
    """One pass, for one thread and for several."""

    serial: Callable
    parallel: Callable


def _compile(function: Callable) -> _Kernel:
    """Compile a pass when it is first called; the machine code is kept."""
    # numba files the machine code under the function's name alone
    serial = FunctionType(function.__code__, function.__globals__)
    serial.__qualname__ = f'{function.__qualname__}_serial'
    return _Kernel(
        compiled(fastmath=_FAST)(serial),
        compiled(parallel=True, fastmath=_FAST)(function),
    )


def _run(kernel: _Kernel, x: np.ndarray, *args: Any) -> None:
    """Run a pass with as many threads as torch has."""
    allowed = torch.get_num_threads()
    available = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    threads = min(allowed, available)
    if threads == 1 or x.size < _LARGE:
        kernel.serial(x, *args)
        return
    numba.set_num_threads(threads)
    kernel.parallel(x, *args)
    # when numba starts its threads it tells OpenMP, and so torch, their number
    if torch.get_num_threads() != allowed:
        torch.set_num_threads(allowed)


@_compile
def _sum_moments(x: np.ndarray, near: np.ndarray, sums: np.ndarray) -> None:
    rows, channels = x.shape
    for part in numba.prange(_PARTS):
        stop = (part + 1) * rows // _PARTS
        for start in range(part * rows // _PARTS, stop, _BLOCK):
            first = np.zeros(channels, near.dtype)
            second = np.zeros(channels, near.dtype)
            for i in range(start, min(start + _BLOCK, stop)):
                for c in range(channels):
                    deviation = _load(x[i, c]) - near[c]
                    first[c] += deviation
                    second[c] += deviation * deviation
            for c in range(channels):
                sums[part, 0, c] += first[c]
                sums[part, 1, c] += second[c]


@_compile
def _normalise(
    x: np.ndarray, scale: np.ndarray, shift: np.ndarray, relu: bool, out: np.ndarray
) -> None:
    zero = scale.dtype.type(0)
    for i in numba.prange(x.shape[0]):
        for c in range(x.shape[1]):
            value = _load(x[i, c]) * scale[c] + shift[c]
            if relu and value < zero:
                value = zero
            out[i, c] = _store(value, out[i, c])


@_compile
def _sum_gradients(
    x: np.ndarray,
    grad: np.ndarray,
    mean: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray,
    relu: bool,
    sums: np.ndarray,
) -> None:
    zero = scale.dtype.type(0)
    rows, channels = x.shape
    for part in numba.prange(_PARTS):
        stop = (part + 1) * rows // _PARTS
        for start in range(part * rows // _PARTS, stop, _BLOCK):
            first = np.zeros(channels, scale.dtype)
            second = np.zeros(channels, scale.dtype)
            for i in range(start, min(start + _BLOCK, stop)):
                for c in range(channels):
                    value, number = _load(grad[i, c]), _load(x[i, c])
                    if relu and number * scale[c] + shift[c] <= zero:
                        value = zero
                    first[c] += value
                    second[c] += value * (number - mean[c])
            for c in range(channels):
                sums[part, 0, c] += first[c]
                sums[part, 1, c] += second[c]


@_compile
def _input_gradient(
    x: np.ndarray,
    grad: np.ndarray,
    mean: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray,
    relu: bool,
    slope: np.ndarray,
    offset: np.ndarray,
    out: np.ndarray,
) -> None:
    zero = scale.dtype.type(0)
    for i in numba.prange(x.shape[0]):
        for c in range(x.shape[1]):
            value, number = _load(grad[i, c]), _load(x[i, c])
            if relu and number * scale[c] + shift[c] <= zero:
                value = zero
            value = value * scale[c] - (number - mean[c]) * slope[c]
            out[i, c] = _store(value - offset[c], out[i, c])
