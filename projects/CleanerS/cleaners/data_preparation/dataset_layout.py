"""The files of one data set on disk.

::

    OUT/{prefix}_infos_{train,test}.json   annotation file of each split
    OUT/{prefix}_manifest.json             sha256 of every file of a frame
    OUT/{prefix}_settings.json             what determines all frames
    OUT/{trainset,testset}/RGB/NYU0003_rgb.png
    OUT/{trainset,testset}/Depth/NYU0003_depth.png   bits rotated like NYU's
    OUT/TSDF/0003.npz       arr_0 float32 TSDF, arr_1 uint8 label weight
    OUT/Mapping/0003.npz    arr_0 int64, 307200 = no pixel
    OUT/Label/0003.npz      arr_0 uint8, 255 = ignore
    OUT/Frames/NYU0003.json written last: the frame is finished, and from what
    OUT_clean/TSDF/0003.npz    as OUT/TSDF, from clean depth
    OUT_clean/twin_of.json     of which data set

All arrays are flat, (129600,), in the order of ``VoxelGrid``. Only frames of
NYU are known by their number; others have whole names (``SYN0001.npz``,
``kitchen-17.npz``). Frames of anyone's camera have no clean twin, and neither
labels nor weights unless the user gave labels.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

from ..datasets import nyu
from ..datasets.clean_twin import RECORD, SUFFIX, TOKEN
from ..datasets.prepared import SPLITS
from ..fileio.json_file import read_object


@dataclass(frozen=True)
class DatasetKind:
    """What the frames of a data set have.

    Args:
        dataset (str): Name of the data set.
        has_labels (bool): Whether frames have a ground truth. Defaults to
            True.
        has_twin (bool): Whether frames have a clean twin. Defaults to True.
        is_numbered (bool): Whether the last four characters of
            ``sample_idx`` name a frame's volumes. Defaults to False.
    """

    dataset: str
    has_labels: bool = True
    has_twin: bool = True
    is_numbered: bool = False


# by the prefix of their annotation files
KINDS = dict(
    nyu=DatasetKind('NYU', is_numbered=True),
    nyucad=DatasetKind('NYUCAD', has_twin=False, is_numbered=True),
    synth=DatasetKind('SynthRooms'),
    rgbd=DatasetKind('RGBD', has_labels=False, has_twin=False),
)


@dataclass(frozen=True)
class DatasetLayout:
    """Where the files of a data set lie; made by :func:`make_layout`.

    Args:
        out_dir (Path): Folder of the data set, absolute.
        prefix (str): Of the annotation files; a key of ``KINDS``.
        twin (Path, optional): Folder of the clean twin, absolute. Defaults
            to None.
        classes (tuple[str, ...]): Of labels that the user gave, the empty
            class first. Defaults to (): none were given.
    """

    out_dir: Path
    prefix: str
    twin: Optional[Path] = None
    classes: tuple[str, ...] = ()

    @property
    def kind(self) -> DatasetKind:
        """DatasetKind: What the frames have."""
        return KINDS[self.prefix]

    @property
    def has_labels(self) -> bool:
        """bool: Whether frames have a ground truth."""
        return self.kind.has_labels or bool(self.classes)

    @property
    def num_classes(self) -> int:
        """int: Of the labels, with the empty class."""
        return len(self.classes or nyu.CLASSES)

    @property
    def folders(self) -> list[Path]:
        """list[Path]: The data set and its twin."""
        return [self.out_dir, *([self.twin] if self.twin else [])]

    @property
    def twin_from_here(self) -> str:
        """str: The twin, relative to ``out_dir``; '' where there is none."""
        if self.twin is None:
            return ''
        return Path(os.path.relpath(self.twin, self.out_dir)).as_posix()

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

    def frame_files(self, split: str, sample_idx: str) -> dict[str, Path]:
        """Path of every file of a frame, by its name in the annotation."""
        name = sample_idx[-4:] if self.kind.is_numbered else sample_idx
        images = self.out_dir / f'{split}set'
        files = dict(
            img_path=images / 'RGB' / f'{sample_idx}_rgb.png',
            depth_path=images / 'Depth' / f'{sample_idx}_depth.png',
            tsdf_path=self.out_dir / 'TSDF' / f'{name}.npz',
            mapping_path=self.out_dir / 'Mapping' / f'{name}.npz',
        )
        if self.has_labels:
            files['label_path'] = self.out_dir / 'Label' / f'{name}.npz'
        if self.twin:
            files['tsdf_cad_path'] = self.twin / 'TSDF' / f'{name}.npz'
        return files

    def relative(self, path: Path) -> str:
        """How the manifest names a file, wherever the twin lies."""
        if self.twin is not None and self.twin in path.parents:
            return f'{TOKEN}/{path.relative_to(self.twin).as_posix()}'
        return path.relative_to(self.out_dir).as_posix()

    def listed_frames(self) -> Iterator[tuple[str, dict]]:
        """Split and entry of all frames in the annotation files."""
        for split in SPLITS:
            path = self.annotation_file(split)
            if path.is_file():
                for info in read_object(path)['data_list']:
                    yield split, info


def make_layout(out_dir: Path, prefix: str) -> DatasetLayout:
    """Lay out a data set, new or there already.

    Args:
        out_dir (Path): Its folder.
        prefix (str): Of the annotation files; a key of ``KINDS``.

    Returns:
        DatasetLayout: Its files. The clean twin is where the settings file
        says it is (unless it is another's by now), else beside the data set.
        The classes of a user's labels are those of the settings file.
    """
    out_dir = out_dir.resolve()
    layout = DatasetLayout(out_dir, prefix)
    if layout.settings_file().is_file():
        classes = read_object(layout.settings_file()).get('classes', ())
        layout = replace(layout, classes=tuple(classes))
    if not layout.kind.has_twin:
        return layout
    twin = out_dir.with_name(out_dir.name + SUFFIX)
    recorded = _recorded_twin(layout.settings_file())
    if recorded.is_dir() and not twin_owner(recorded, out_dir):
        twin = recorded
    return replace(layout, twin=twin)


def twin_owner(twin: Path, out_dir: Path) -> str:
    """Find out whether another data set has a folder as its clean twin.

    Args:
        twin (Path): The folder of the twin, absolute.
        out_dir (Path): The data set that asks, absolute.

    Returns:
        str: Folder of the other data set, which is there and says so, too,
        or whose twin tsdf-cad made; '' if there is none.
    """
    if not (twin / RECORD).is_file():
        return ''
    record = read_object(twin / RECORD)
    owner = (twin / record['data_set']).resolve()
    claims = map(_recorded_twin, owner.glob('*_settings.json'))
    is_claimed = twin in claims or ('made_by' in record and owner.is_dir())
    return str(owner) if owner != out_dir and is_claimed else ''


def _recorded_twin(settings_file: Path) -> Path:
    """Twin that a settings file names; the file itself if it names none."""
    if not settings_file.is_file():
        return settings_file
    recorded = read_object(settings_file).get('twin', settings_file.name)
    return (settings_file.parent / recorded).resolve()


def find_layout(out_dir: Path) -> DatasetLayout:
    """Find out which data set a folder holds.

    Args:
        out_dir (Path): The folder.

    Returns:
        DatasetLayout: Its files.

    Raises:
        FileNotFoundError: If it holds none, or more than one.
    """
    found = [
        prefix for prefix in KINDS if (out_dir / f'{prefix}_settings.json').is_file()
    ]
    if len(found) != 1:
        raise FileNotFoundError(
            f'{out_dir}: expected one data set of tools/create_data.py, but '
            f'found {len(found)}: {found}'
        )
    return make_layout(out_dir, found[0])
