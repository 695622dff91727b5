"""Writing files that an interrupted run cannot truncate."""

import json
import os
import re
import secrets
import socket
from pathlib import Path
from typing import Union

_HOST = re.sub(r'\W', '-', socket.gethostname())
# /dev/stdout is a link, to a file where the output goes to one
_DEVICES = Path('/dev')
_TEMPORARY = re.compile(r'\..*\.(?P<host>[^.]+)\.(?P<pid>\d+)(-[0-9a-f]+)?\.tmp')


def write_atomically(path: Union[str, Path], data: bytes, durable: bool = True) -> None:
    """Write a file in one step: it is there in full or not at all.

    Several processes may write the same file. What a killed process left of
    an earlier write of this file is removed. A link is replaced, and what it
    leads to stays; what is no file, such as /dev/stdout, is written as it is.

    Args:
        path (str or Path): The file; its folder is made.
        data (bytes): The content.
        durable (bool): Whether it must survive a crash of the machine, too,
            which takes some milliseconds. Defaults to True.

    Raises:
        OSError: If that fails; it names ``path``.
    """
    path = Path(path)
    if path.parent == _DEVICES or (path.exists() and not path.is_file()):
        with open(path, 'ab') as file:  # what was printed before stays
            file.write(data)
        return
    temporary = temporary_path(path)
    try:
        with open(temporary, 'wb') as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        # a full disk names no file, a folder without rights the temporary one
        error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    if durable:
        for other in path.parent.glob('.*.tmp'):
            if other.name.startswith(f'.{path.name}.') and is_leftover(other):
                other.unlink(missing_ok=True)


def write_json(path: Union[str, Path], content: dict, durable: bool = True) -> None:
    """Write a JSON file in one step.

    Args:
        path (str or Path): The file; its folder is made.
        content (dict): What to write.
        durable (bool): As in :func:`write_atomically`. Defaults to True.

    Raises:
        ValueError: If a number in it is not finite: JSON has none of these.
    """
    text = json.dumps(content, indent=1, allow_nan=False) + '\n'
    write_atomically(path, text.encode(), durable)


def temporary_path(path: Path) -> Path:
    """Return a name that no other process or thread uses; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unique = f'{os.getpid()}-{secrets.token_hex(4)}'
    return path.with_name(f'.{path.name}.{_HOST}.{unique}.tmp')


def is_temporary(path: Path) -> bool:
    """Whether a file is one that some process writes or left unfinished."""
    return _TEMPORARY.fullmatch(path.name) is not None


def is_leftover(path: Path) -> bool:
    """Whether a process of this machine left a file unfinished."""
    match = _TEMPORARY.fullmatch(path.name)
    return (
        match is not None
        and match['host'] == _HOST
        and not _is_alive(int(match['pid']))
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
