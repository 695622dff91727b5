"""What is told of the data that networks were trained and scored on."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmdet3d.registry import DATASETS
from mmengine.config import Config, ConfigDict

from ..datasets.clean_twin import TOKEN
from ..engine.data_folders import innermost_datasets, set_data_root, set_twin
from ..utils.markdown_table import markdown_table

_LOADERS = ('train_dataloader', 'test_dataloader')


def tell_data(
    configs: Iterable[str], data_root: str, twin: str, pretrain: Iterable[str] = ()
) -> list[str]:
    """Tell which files the networks read: a table of hashes.

    Args:
        configs (Iterable[str]): Of the networks.
        data_root (str): Folder of the data set.
        twin (str): Its clean twin; not read where no network sees it.
        pretrain (Iterable[str]): Configs of 2DNets, which are trained but not
            tested.
    """
    files: dict[str, set[Path]] = defaultdict(set)
    loaders = dict.fromkeys(configs, _LOADERS) | dict.fromkeys(pretrain, _LOADERS[:1])
    for path, names in loaders.items():
        cfg = Config.fromfile(path)
        set_data_root(cfg, data_root)
        if TOKEN in cfg.pretty_text:
            set_twin(cfg, twin)
        for loader in names:
            for folder, file in _files_of(cfg[loader].dataset):
                files[folder].add(file)
    rows = [
        [folder, str(len(files[folder])), hash_files(files[folder])]
        for folder in sorted(files)
    ]
    return [
        'What the networks read, in training and in the test. The hashes are over '
        'all of these files of a folder, in the order of their names: name, a zero '
        'byte, content.',
        markdown_table(['folder', 'files', 'SHA-256'], rows),
    ]


def hash_files(paths: Iterable[Path]) -> str:
    """Return one SHA-256 over names and contents of files, in hex.

    Args:
        paths (Iterable[Path]): In any order; names differ.
    """
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        digest.update(path.name.encode() + b'\0' + path.read_bytes())
    return digest.hexdigest()


def _files_of(dataset: ConfigDict) -> Iterator[tuple[str, Path]]:
    """List the files of all frames of a data set, each with its folder's name."""
    for settings in innermost_datasets(dataset):
        built = DATASETS.build(dict(settings, pipeline=[]))
        for index in range(len(built)):
            info = built.get_data_info(index)
            for key, prefix in settings['data_prefix'].items():
                if prefix is not None and info.get(key):
                    yield prefix.replace(TOKEN, 'twin'), Path(info[key])
