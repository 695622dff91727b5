"""Files that a run writes: each in one step, or the run stops."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..utils import atomic_write
from ..utils.atomic_write import (
    is_leftover,
    is_temporary,
    temporary_path,
    write_atomically,
)


class WriteError(OSError):
    """An output cannot be written (disk full, no permission).

    Unlike a frame whose inputs cannot be read, this ends the run.
    """


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Tell errors of writing from those of reading."""
    try:
        yield
    except OSError as error:
        raise WriteError(
            f'{path}: cannot be written ({error.strerror or error}); '
            'finished frames are kept: mend that and run the same command '
            'again'
        ) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file in one step.

    Args:
        path (Path): The file; its folder is made.
        content (bytes): What to write.

    Raises:
        WriteError: If that fails.
    """
    with _writing(path):
        write_atomically(path, content, durable=False)


def link_file(path: Path, source: Path, transfer: str) -> None:
    """Link a file in one step.

    Args:
        path (Path): The link; its folder is made, an old one replaced.
        source (Path): The file.
        transfer (str): 'symlink' or 'hardlink'.

    Raises:
        WriteError: If that fails.
    """
    link = os.symlink if transfer == 'symlink' else os.link
    with _writing(path):
        temporary = temporary_path(path)
        try:
            link(source.resolve(), temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def remove_file(path: Path) -> None:
    """Remove a file if it is there.

    Args:
        path (Path): The file.

    Raises:
        WriteError: If that fails.
    """
    with _writing(path):
        path.unlink(missing_ok=True)


def write_json(path: Path, content: dict) -> None:
    """Write a JSON file in one step.

    Args:
        path (Path): The file; its folder is made.
        content (dict): What to write.

    Raises:
        WriteError: If that fails.
    """
    with _writing(path):
        atomic_write.write_json(path, content, durable=False)


def leftovers(folders: Iterable[Path]) -> Iterator[Path]:
    """Find unfinished files.

    Args:
        folders (Iterable[Path]): Where to look.

    Yields:
        Path: A file of a run that was killed or that still goes on.
    """
    for folder in folders:
        for path in sorted(folder.rglob('.*.tmp')):
            if is_temporary(path):
                yield path


def remove_leftovers(folders: Iterable[Path]) -> None:
    """Remove the unfinished files of killed runs on this machine.

    Args:
        folders (Iterable[Path]): Where to look.
    """
    for path in leftovers(folders):
        if is_leftover(path):
            path.unlink(missing_ok=True)
