"""Checkpoint and log writes that an interrupted run cannot truncate."""
import os
import os.path as osp
import tempfile
from pathlib import Path
from typing import Callable, Union

from mmengine.fileio import LocalBackend, register_backend


def write_atomically(path: Union[str, Path],
                     write: Callable[[str], None]) -> None:
    """Write a file under a temporary name, then move it into place.

    Args:
        path (str or Path): Where the file goes; its folder is made.
        write (Callable): Called with the temporary path, in the same folder
            and with the same ending.
    """
    path = osp.abspath(path)
    folder, name = osp.split(path)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(suffix='~' + name, dir=folder)
    os.close(handle)
    try:
        write(temporary)
        with open(temporary, 'rb+') as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        if osp.exists(temporary):
            os.remove(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class AtomicLocalBackend(LocalBackend):
    """Local storage whose ``put`` and ``put_text`` replace files at once.

    A process that is killed while writing leaves the old file or none, never
    a truncated one.
    """

    def put(self, obj: bytes, filepath: Union[str, Path]) -> None:
        """Write bytes to ``filepath``."""
        write_atomically(filepath, lambda tmp: Path(tmp).write_bytes(obj))

    def put_text(self,
                 obj: str,
                 filepath: Union[str, Path],
                 encoding: str = 'utf-8') -> None:
        """Write text to ``filepath``."""
        self.put(obj.encode(encoding), filepath)


def register_atomic_backend() -> None:
    """Let mmengine write every local file through the atomic backend."""
    register_backend('local', AtomicLocalBackend, force=True, prefixes='')
