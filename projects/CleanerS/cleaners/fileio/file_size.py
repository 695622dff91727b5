"""How large a file may be that is read whole."""

from pathlib import Path

from ..utils.errors import InputError


def refuse_large(
    path: Path, max_bytes: int, name: str, kind: str, mend: str = ''
) -> None:
    """Refuse a file that would take more memory than any of its kind.

    Args:
        path (Path): The file.
        max_bytes (int): The most that it may have.
        name (str): What the message calls it.
        kind (str): What it should be, for the message.
        mend (str): Ends the message. Defaults to ''.

    Raises:
        OSError: If it is not there.
        InputError: If it has more.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise InputError(
            f'{name}: {size / 2**20:.0f} MiB, more than any {kind} has (at most '
            f'{max_bytes // 2**20}){mend}'
        )
