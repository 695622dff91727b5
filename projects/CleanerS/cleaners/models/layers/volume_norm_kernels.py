"""Passes of BatchNorm and ReLU over a channels-last volume, fused.

Each reads a volume once, where torch's operators need three to nine passes.
Sums are made of blocks of rows in the volume's precision and added up in
double precision, always in the same order, whatever the number of threads.
"""
from types import FunctionType
from typing import Callable, NamedTuple

import numba
import numpy as np
import torch

# OpenMP first: numba warns of a TBB that is there but too old
numba.config.THREADING_LAYER_PRIORITY = ['omp', 'tbb', 'workqueue']
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


def normalise(x: np.ndarray, scale: np.ndarray, shift: np.ndarray, relu: bool,
              out: np.ndarray) -> None:
    """Write ``x * scale + shift``, not less than 0 with ``relu``.

    Args:
        x (np.ndarray): (N, C).
        scale (np.ndarray): (C,).
        shift (np.ndarray): (C,).
        relu (bool): Whether a ReLU follows.
        out (np.ndarray): (N, C), overwritten.
    """
    _run(_normalise, x, scale, shift, relu, out)


def sum_gradients(x: np.ndarray, grad: np.ndarray, mean: np.ndarray,
                  scale: np.ndarray, shift: np.ndarray,
                  relu: bool) -> np.ndarray:
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


def input_gradient(x: np.ndarray, grad: np.ndarray, mean: np.ndarray,
                   scale: np.ndarray, shift: np.ndarray, relu: bool,
                   slope: np.ndarray, offset: np.ndarray,
                   out: np.ndarray) -> None:
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
    _run(_input_gradient, x, grad, mean, scale, shift, relu, slope, offset,
         out)


class _Kernel(NamedTuple):
    """One pass, for one thread and for several."""

    serial: Callable
    parallel: Callable


def _compile(function: Callable) -> _Kernel:
    """Compile a pass when it is first called; the machine code is kept."""
    options = dict(fastmath=_FAST, nogil=True, cache=True)
    # numba files the machine code under the function's name alone
    serial = FunctionType(function.__code__, function.__globals__)
    serial.__qualname__ = f'{function.__qualname__}_serial'
    return _Kernel(
        numba.njit(**options)(serial),
        numba.njit(parallel=True, **options)(function))


def _run(kernel: _Kernel, x: np.ndarray, *args) -> None:
    """Run a pass with as many threads as torch has."""
    allowed = torch.get_num_threads()
    threads = min(allowed, numba.config.NUMBA_NUM_THREADS)
    if threads == 1 or x.size < _LARGE:
        kernel.serial(x, *args)
        return
    numba.set_num_threads(threads)
    kernel.parallel(x, *args)
    # when numba starts its threads it tells OpenMP, and so torch, their number
    if torch.get_num_threads() != allowed:
        torch.set_num_threads(allowed)


@_compile
def _sum_moments(x, near, sums):
    rows, channels = x.shape
    for part in numba.prange(_PARTS):
        stop = (part + 1) * rows // _PARTS
        for start in range(part * rows // _PARTS, stop, _BLOCK):
            first = np.zeros(channels, x.dtype)
            second = np.zeros(channels, x.dtype)
            for i in range(start, min(start + _BLOCK, stop)):
                for c in range(channels):
                    deviation = x[i, c] - near[c]
                    first[c] += deviation
                    second[c] += deviation * deviation
            for c in range(channels):
                sums[part, 0, c] += first[c]
                sums[part, 1, c] += second[c]


@_compile
def _normalise(x, scale, shift, relu, out):
    zero = x.dtype.type(0)
    for i in numba.prange(x.shape[0]):
        for c in range(x.shape[1]):
            value = x[i, c] * scale[c] + shift[c]
            out[i, c] = zero if relu and value < zero else value


@_compile
def _sum_gradients(x, grad, mean, scale, shift, relu, sums):
    zero = x.dtype.type(0)
    rows, channels = x.shape
    for part in numba.prange(_PARTS):
        stop = (part + 1) * rows // _PARTS
        for start in range(part * rows // _PARTS, stop, _BLOCK):
            first = np.zeros(channels, x.dtype)
            second = np.zeros(channels, x.dtype)
            for i in range(start, min(start + _BLOCK, stop)):
                for c in range(channels):
                    value = grad[i, c]
                    if relu and x[i, c] * scale[c] + shift[c] <= zero:
                        value = zero
                    first[c] += value
                    second[c] += value * (x[i, c] - mean[c])
            for c in range(channels):
                sums[part, 0, c] += first[c]
                sums[part, 1, c] += second[c]


@_compile
def _input_gradient(x, grad, mean, scale, shift, relu, slope, offset, out):
    zero = x.dtype.type(0)
    for i in numba.prange(x.shape[0]):
        for c in range(x.shape[1]):
            value = grad[i, c]
            if relu and x[i, c] * scale[c] + shift[c] <= zero:
                value = zero
            out[i, c] = value * scale[c] - (x[i, c] -
                                            mean[c]) * slope[c] - offset[c]
