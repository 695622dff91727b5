"""Errors that a user can mend, and how the command line shows them."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Optional


class InputError(ValueError):
    """Bad input; the message names the file or key and the mend."""


def user_message(error: Exception) -> str:
    """Return the one line that tells a user what to mend, or ''.

    An exception that is not about the user's input gives ''. Data loader
    workers and registries wrap messages in their own; the innermost counts.
    """
    last_line = (str(error).strip().splitlines() or [''])[-1]
    text = re.sub(r'^[\w.]*(Error|Exception): ', '', last_line)
    if isinstance(error, (InputError, OSError)):
        return text
    if isinstance(error, TypeError) and 'unexpected keyword' in text:
        return f'unknown config key: {text}'
    if isinstance(error, KeyError) and 'registry' in str(error):
        return str(error).strip('"').splitlines()[0]
    return ''


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn a mendable error into one line on stderr and exit code 1."""
    try:
        yield
    except Exception as error:
        message = user_message(error)
        if not message:
            raise
        sys.exit(f'error: {message}')


@contextmanager
def values_are_input(*more: type[Exception]) -> Iterator[None]:
    """Let a ValueError of pure code count as the user's bad input.

    Args:
        *more (type[Exception]): What else counts so, such as OSError.

    Raises:
        InputError: In place of it, with its message.
    """
    kinds: tuple[type[Exception], ...] = (ValueError, *more)
    try:
        yield
    except kinds as error:
        raise InputError(str(error)) from error


def show_as_one_line(error: Exception) -> None:
    """Let an error that nobody catches end the process in one line.

    For one that is raised while the package is imported, before anything
    could be run in ``report_errors``.
    """
    show_others = sys.excepthook

    def show(
        kind: type[BaseException],
        value: BaseException,
        trace: Optional[TracebackType],
    ) -> None:
        if value is error:
            print(f'error: {error}', file=sys.stderr)
        else:
            show_others(kind, value, trace)

    sys.excepthook = show
