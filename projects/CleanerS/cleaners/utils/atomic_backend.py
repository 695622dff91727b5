"""Let mmengine write checkpoints and logs atomically."""

from pathlib import Path
from typing import Union

from mmengine.fileio import LocalBackend, register_backend

from .atomic_write import write_atomically


class AtomicLocalBackend(LocalBackend):
    """Local storage whose ``put`` and ``put_text`` replace files at once.

    A process that is killed while writing leaves the old file or none, never
    a truncated one.
    """

    def put(self, obj: bytes, filepath: Union[str, Path]) -> None:
        """Write bytes to ``filepath``."""
        write_atomically(filepath, obj)

    def put_text(
        self, obj: str, filepath: Union[str, Path], encoding: str = 'utf-8'
    ) -> None:
        """Write text to ``filepath``."""
        self.put(obj.encode(encoding), filepath)


def register_atomic_backend() -> None:
    """Let mmengine write every local file through the atomic backend."""
    register_backend('local', AtomicLocalBackend, force=True, prefixes='')
