"""Loops that numba compiles, once for all runs where it may write."""

from typing import Any, Callable, TypeVar

from numba import njit

Function = TypeVar('Function', bound=Callable)


def compiled(**options: Any) -> Callable[[Function], Function]:
    """Compile a function with its machine code kept for the next process.

    Where neither the package nor the home of the user can be written, numba
    refuses to keep it while the function is defined; it is then compiled in
    every process.

    Args:
        **options: Of ``numba.njit``.
    """

    def compile_(function: Function) -> Function:
        try:
            return njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:
            return njit(nogil=True, **options)(function)

    return compile_
