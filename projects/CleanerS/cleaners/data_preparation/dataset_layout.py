"""The files of one data set on disk.

::

    OUT/{prefix}_infos_{train,test}.json   annotation file of each split
    OUT/{prefix}_manifest.json             sha256 of every file of a frame
    OUT/{prefix}_settings.json             what determines the frames
    OUT/{trainset,testset}/RGB/NYU0003_rgb.png
    OUT/{trainset,testset}/Depth/NYU0003_depth.png   bits rotated like NYU's
    OUT/TSDF/0003.npz       arr_0 float32 TSDF, arr_1 uint8 label weight
    OUT/Mapping/0003.npz    arr_0 int64, 307200 = no pixel
    OUT/Label/0003.npz      arr_0 uint8, 255 = ignore
    OUT/Frames/NYU0003.json written last: the frame is finished
    OUT_clean/TSDF/0003.npz    as OUT/TSDF, from clean depth

All arrays are flat, (129600,), in the order of ``VoxelGrid``. Frames of
anyone's camera have whole names (``kitchen-17.npz``), and neither labels nor
weights nor a clean twin.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator

from ..utils.atomic_write import (is_leftover, is_temporary, temporary_path,
                                  write_atomically)

SPLITS = ('train', 'test')
# how images come to the data set
TRANSFERS = ('copy', 'symlink', 'hardlink')


@dataclass(frozen=True)
class DatasetLayout:
    """Where the files of a data set lie.

    Args:
        out_dir (Path): Folder of the data set; the clean TSDF goes to the
            folder beside it whose name ends in ``_clean``.
        prefix (str): Of the annotation files.
        dataset (str): Name of the data set.
        has_labels (bool): Whether frames have a ground truth. Defaults to
            True.
        has_twin (bool): Whether frames have a clean twin. Defaults to True.
    """

    out_dir: Path
    prefix: str
    dataset: str
    has_labels: bool = True
    has_twin: bool = True

    def annotation_file(self, split: str) -> Path:
        """Path of the annotation file of a split."""
        return self.out_dir / f'{self.prefix}_infos_{split}.json'

    def settings_file(self) -> Path:
        """Path of the record of the settings that made the frames."""
        return self.out_dir / f'{self.prefix}_settings.json'

    def manifest_file(self) -> Path:
        """Path of the list of all files and their checksums."""
        return self.out_dir / f'{self.prefix}_manifest.json'

    def shard_file(self, index: int, count: int) -> Path:
        """Path of the record of a shard, counted from 1."""
        folder = self.out_dir / 'Shards'
        return folder / f'{self.prefix}_{index}-of-{count}.json'

    def record_file(self, sample_idx: str) -> Path:
        """Path of the record of a finished frame."""
        return self.out_dir / 'Frames' / f'{sample_idx}.json'

    def frame_files(self, split: str, sample_idx: str) -> Dict[str, Path]:
        """Path of every file of a frame, by its name in the annotation."""
        # frames of NYU are known by their number
        name = sample_idx[-4:] if self.has_labels else sample_idx
        images = self.out_dir / f'{split}set'
        files = dict(
            img_path=images / 'RGB' / f'{sample_idx}_rgb.png',
            depth_path=images / 'Depth' / f'{sample_idx}_depth.png',
            tsdf_path=self.out_dir / 'TSDF' / f'{name}.npz',
            mapping_path=self.out_dir / 'Mapping' / f'{name}.npz')
        if self.has_labels:
            files['label_path'] = self.out_dir / 'Label' / f'{name}.npz'
        if self.has_twin:
            twin = self.out_dir.with_name(self.out_dir.name + '_clean')
            files['tsdf_cad_path'] = twin / 'TSDF' / f'{name}.npz'
        return files

    def relative(self, path: Path) -> str:
        """How the manifest names a file."""
        return Path(os.path.relpath(path, self.out_dir)).as_posix()

    def read_record(self, split: str, sample_idx: str) -> dict:
        """Record of a finished frame; an unfinished one has {}.

        Args:
            split (str): 'train' or 'test'.
            sample_idx (str): Of the frame.

        Returns:
            dict: ``split``, ``info`` (entry of the annotation file) and
            ``files`` (sha256 by name), if all files are there.
        """
        path = self.record_file(sample_idx)
        if not path.is_file():
            return {}
        record = read_json(path)
        files = self.frame_files(split, sample_idx).values()
        is_whole = (
            record.get('split') == split and all(
                self.relative(file) in record['files'] and file.is_file()
                for file in files))
        return record if is_whole else {}


def read_json(path: Path) -> dict:
    """Read a JSON object.

    Args:
        path (Path): The file.

    Returns:
        dict: Its content.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(f'{path}: not a JSON file ({error}); delete it and '
                         'run the command again') from error
    if not isinstance(content, dict):
        raise ValueError(f'{path}: should hold an object; delete it and run '
                         'the command again')
    return content


def write_json(path: Path, content: dict) -> None:
    """Write a JSON file in one step.

    Args:
        path (Path): The file; its folder is made.
        content (dict): What to write.
    """
    write_atomically(
        path, (json.dumps(content, indent=1) + '\n').encode(), durable=False)


def link_atomic(path: Path, source: Path, transfer: str) -> None:
    """Link a file in one step.

    Args:
        path (Path): The link; its folder is made, an old one replaced.
        source (Path): The file.
        transfer (str): 'symlink' or 'hardlink'.
    """
    temporary = temporary_path(path)
    link = os.symlink if transfer == 'symlink' else os.link
    try:
        link(source.resolve(), temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(out_dir: Path) -> None:
    """Remove the unfinished files of killed runs on this machine.

    Args:
        out_dir (Path): Of the data set.
    """
    for path in leftovers(out_dir):
        if is_leftover(path):
            path.unlink(missing_ok=True)


def leftovers(out_dir: Path) -> Iterator[Path]:
    """Unfinished files in a data set and its clean twin.

    Args:
        out_dir (Path): Of the data set.

    Yields:
        Path: A file of a run that was killed or that still goes on.
    """
    twin = out_dir.with_name(out_dir.name + '_clean')
    for folder in (out_dir, twin):
        for path in sorted(folder.rglob('.*.tmp')):
            if is_temporary(path):
                yield path
