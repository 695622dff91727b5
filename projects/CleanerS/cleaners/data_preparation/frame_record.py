"""The record of a finished frame: its files, and what it was made from."""

import json
from pathlib import Path
from typing import NamedTuple

from ..fileio.file_digest import file_digest
from ..fileio.json_file import read_object
from .dataset_layout import DatasetLayout


class FrameInputs(NamedTuple):
    """What a frame is made from.

    Attributes:
        files (dict[str, Path]): Files that are read, by their kind ('photo',
            'depth', 'pose' ...); those that are missing do not count.
        options (dict): What else decides about this frame, as JSON can hold
            it. What decides about all frames alike is in the settings of the
            data set.
    """

    files: dict[str, Path]
    options: dict

    def describe(self) -> dict:
        """Say what a record keeps of them.

        Returns:
            dict: ``files`` (by kind, ``path`` and ``sha256``) and
            ``options``.
        """
        files = {
            kind: dict(path=str(path.resolve()), sha256=file_digest(path))
            for kind, path in self.files.items()
            if path.is_file()
        }
        return dict(files=files, options=json.loads(json.dumps(self.options)))


def read_record(layout: DatasetLayout, split: str, sample_idx: str) -> dict:
    """Record of a finished frame; an unfinished one has {}.

    Args:
        layout (DatasetLayout): Where it is.
        split (str): 'train' or 'test'.
        sample_idx (str): Of the frame.

    Returns:
        dict: ``split``, ``info`` (entry of the annotation file), ``files``
        (sha256 by name), ``inputs`` (see ``FrameInputs.describe``) and, of
        images that are files, ``transfer`` (how they came there), if all
        files are there.
    """
    path = layout.record_file(sample_idx)
    if not path.is_file():
        return {}
    record = read_object(path)
    files = layout.frame_files(split, sample_idx).values()
    is_whole = record.get('split') == split and all(
        layout.relative(file) in record['files'] and file.is_file() for file in files
    )
    return record if is_whole else {}


def is_made_from(record: dict, inputs: dict) -> bool:
    """Whether a frame was made from these inputs, wherever they lay.

    Args:
        record (dict): See :func:`read_record`.
        inputs (dict): See ``FrameInputs.describe``.

    Returns:
        bool: Whether content and options are the same.
    """
    return 'inputs' in record and _content(record['inputs']) == _content(inputs)


def stale_inputs(record: dict) -> list[str]:
    """Find inputs that changed since a frame was made.

    Args:
        record (dict): See :func:`read_record`.

    Returns:
        list[str]: Their paths. Files that are gone are not among them: raw
        data may be deleted.
    """
    files = record.get('inputs', {}).get('files', {}).values()
    return [
        file['path']
        for file in files
        if Path(file['path']).is_file()
        and file_digest(Path(file['path'])) != file['sha256']
    ]


def _content(inputs: dict) -> tuple:
    """What counts of a description of inputs."""
    checksums = {kind: file['sha256'] for kind, file in inputs['files'].items()}
    return checksums, inputs['options']
