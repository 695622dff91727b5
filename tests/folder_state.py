"""What lies below a folder, to see whether a command has changed it."""

from pathlib import Path


def contents(folder: Path, skip: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return the bytes of every file, by its path in the folder.

    Args:
        folder (Path): Looked through with all folders below it.
        skip (tuple[str]): Names of folders to leave out.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file() and not set(path.parts) & set(skip)
    }


def stamps(folder: Path) -> dict[Path, int]:
    """Return when each array and each frame's record was written, in ns."""
    return {
        path: path.stat().st_mtime_ns
        for path in folder.rglob('*')
        if path.suffix == '.npz' or path.parent.name == 'Frames'
    }
