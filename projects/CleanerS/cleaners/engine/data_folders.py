"""Where the data sets of a config lie, by ``--data-root`` and ``--twin``."""

import os.path as osp
from collections.abc import Iterator

from mmengine.config import Config

from ..datasets.clean_twin import TOKEN
from ..utils.errors import InputError


def set_data_root(cfg: Config, folder: str) -> None:
    """Let every data set of a config lie in a folder.

    Args:
        cfg (Config): ``data_root`` of the data sets in its loaders is set,
            also of those in a ConcatDataset or RepeatDataset.
        folder (str): Absolute, or relative to the current directory.

    Raises:
        InputError: If it is not there, or the config has no data set.
    """
    _require_folder(folder, '--data-root')
    datasets = list(_datasets(cfg))
    if not datasets:
        raise InputError('--data-root does nothing: the config has no data set')
    for dataset in datasets:
        dataset['data_root'] = folder


def set_twin(cfg: Config, folder: str) -> None:
    """Let the clean twin of every data set that reads one be a folder.

    Args:
        cfg (Config): ``twin`` of the data sets with a value of
            ``data_prefix`` that begins with ``{twin}`` is set.
        folder (str): Absolute, or relative to the current directory.

    Raises:
        InputError: If it is not there, or no data set reads a twin.
    """
    _require_folder(folder, '--twin')
    readers = [dataset for dataset in _datasets(cfg) if reads_twin(dataset)]
    if not readers:
        raise InputError(
            '--twin does nothing: no data set of the config has '
            f"{TOKEN} in its data_prefix (a teacher's has, and a "
            "student's in training)"
        )
    for dataset in readers:
        dataset['twin'] = folder


def _require_folder(folder: str, argument: str) -> None:
    if not osp.isdir(folder):
        raise InputError(f"{argument}: folder '{folder}' not found")


def _datasets(cfg: Config) -> Iterator[dict]:
    """Yield the configs of the data sets in the loaders of a config."""
    for part in ('train', 'val', 'test'):
        loader = cfg.get(f'{part}_dataloader')
        if loader:
            yield from innermost_datasets(loader.get('dataset'))


def reads_twin(dataset: dict) -> bool:
    """Tell whether a data set reads its clean twin.

    Args:
        dataset (dict): Its config; no wrapper.
    """
    prefixes = (dataset.get('data_prefix') or {}).values()
    return any(str(prefix).startswith(TOKEN) for prefix in prefixes)


def the_dataset(loader: dict, what: str) -> dict:
    """Return the one data set of a loader, out of what wraps it.

    Args:
        loader (dict): Config of a loader.
        what (str): Wants a single one.

    Raises:
        InputError: If there are several.
    """
    first, *more = innermost_datasets(loader['dataset'])
    if more:
        raise InputError(
            f'{what} one data set, but the config joins {len(more) + 1}: name one in a '
            'config of its own'
        )
    return first


def innermost_datasets(node: object) -> Iterator[dict]:
    """Yield the data sets in what wraps them, as RepeatDataset does.

    Args:
        node (object): Config of a data set, or several.
    """
    if isinstance(node, (list, tuple)):
        for dataset in node:
            yield from innermost_datasets(dataset)
    elif isinstance(node, dict):
        wrapped = node.get('datasets', node.get('dataset'))
        if wrapped is None:
            yield node
        else:
            yield from innermost_datasets(wrapped)
