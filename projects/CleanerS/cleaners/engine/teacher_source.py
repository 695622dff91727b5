"""Where a config says that the teacher of its network comes from."""

from collections.abc import Iterator
from os.path import isdir
from typing import NamedTuple, Optional

from mmengine.config import Config

from ..utils.checkpoint import find_best_checkpoint
from ..utils.errors import InputError, report_errors
from ..utils.package_files import open_config
from ..utils.shipped_weights import shipped_checkpoint


class TeacherSource(NamedTuple):
    """Where a teacher is, and how it is made.

    Attributes:
        checkpoint (str): A file, or the work dir of the training.
        config (str): Trains it.
    """

    checkpoint: str
    config: str


def find_teacher(path: str) -> TeacherSource:
    """Find the teacher of a config.

    Args:
        path (str): A config, as for ``tools/train.py``. A ``teacher_ckpt`` that
            ends in .pth is a file; another may be the name of a network of the
            package.

    Raises:
        InputError: If it is missing or has no teacher, or names a file that is
            not there: misspelt, and no folder to train the teacher into.
    """
    cfg = open_config(path, import_custom_modules=False)
    _, checkpoint = next(_teachers_of(cfg), (None, None))
    if checkpoint is None:
        raise InputError(f'{path} has no teacher; train it by train.py')
    if checkpoint.endswith('.pth'):
        find_best_checkpoint(checkpoint)
    elif not isdir(checkpoint):
        checkpoint = shipped_checkpoint(checkpoint) or checkpoint
    return TeacherSource(checkpoint, cfg.default_hooks.teacher.teacher_config)


def print_teacher(path: str) -> None:
    """Print what :func:`find_teacher` finds, a line each, for a shell."""
    with report_errors():
        print(*find_teacher(path), sep='\n')


def teacher_key(cfg: Config) -> Optional[str]:
    """Return the key of the teacher's checkpoint; None without a teacher."""
    return next((key for key, _ in _teachers_of(cfg)), None)


def model_parts(model: dict, key: str = 'model') -> Iterator[tuple[str, dict]]:
    """List a model and the models in it, the outer ones first.

    Args:
        model (dict): Its config.
        key (str): That it has in the whole config. Defaults to 'model'.

    Returns:
        Iterator[tuple[str, dict]]: Key and config of each.
    """
    yield key, model
    for name, part in model.items():
        if isinstance(part, dict):
            yield from model_parts(part, f'{key}.{name}')


def _teachers_of(cfg: Config) -> Iterator[tuple[str, str]]:
    """Key and value of every ``teacher_ckpt``."""
    for key, part in model_parts(cfg.model):
        if 'teacher_ckpt' in part:
            yield f'{key}.teacher_ckpt', part['teacher_ckpt']
