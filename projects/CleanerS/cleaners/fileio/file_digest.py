"""What identifies the content of a file."""

import hashlib
from pathlib import Path
from typing import Union


def file_digest(path: Union[str, Path]) -> str:
    """Return the SHA-256 of a file, in hex.

    Args:
        path (str or Path): Read in blocks, whatever its size.
    """
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            digest.update(block)
    return digest.hexdigest()
