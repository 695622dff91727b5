"""Writing files that an interrupted run cannot truncate."""
import os
from pathlib import Path
from typing import Union


def write_atomically(path: Union[str, Path], data: bytes) -> None:
    """Write a file in one step: it is there in full or not at all.

    Args:
        path (str or Path): The file; its folder is made.
        data (bytes): The content.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # always the same name, so that a killed run leaves nothing for good
    temporary = path.with_name(f'.{path.name}.tmp')
    try:
        with open(temporary, 'wb') as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
