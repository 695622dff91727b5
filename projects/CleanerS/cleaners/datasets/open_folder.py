"""The data set in a folder, however its frames are listed."""

import os.path as osp

from ..fileio.json_file import read_object
from .folder_scan import RGB_FOLDERS, has_split
from .nyu_ssc_dataset import NYUSSCDataset
from .prepared import SPLITS, annotation_files


def splits_in(data_root: str) -> list[str]:
    """Splits that a folder has, listed or to be scanned."""
    return [split for split in SPLITS if _has_frames(data_root, split)]


def open_folder(
    data_root: str, split: str, with_pictures: bool = False
) -> NYUSSCDataset:
    """Open one split of a folder, without transforms.

    Args:
        data_root (str): Folder of the data set, of ``tools/create_data.py``
            or as published.
        split (str): 'train' or 'test'.
        with_pictures (bool): Whether frames name their photos and depth
            images, where these have a folder. Defaults to False.

    Returns:
        NYUSSCDataset: With ``tsdf_path``, ``mapping_path`` and ``label_path``
        of each frame; pictures need not be there.

    Raises:
        InputError: If there is no such data set, or no frame of the split.
    """
    listed = _listed(data_root, split)
    prefix = dict(tsdf_path='TSDF', mapping_path='Mapping', label_path='Label')
    if with_pictures:
        prefix.update(_picture_folders(data_root, split))
    return NYUSSCDataset(
        ann_file=listed[0] if listed else '',
        split=split,
        data_root=data_root,
        data_prefix=prefix,
        test_mode=True,
        pipeline=[],
    )


def _picture_folders(data_root: str, split: str) -> dict[str, str]:
    """Folders of photos and of depth images that are there."""
    photos = [*(folder.format(split=split) for folder in RGB_FOLDERS), 'RGB']
    found = {}
    for key, folders in (('img_path', photos), ('depth_path', [f'{split}set/Depth'])):
        there = [name for name in folders if osp.isdir(osp.join(data_root, name))]
        if there:
            found[key] = there[0]
    return found


def _has_frames(data_root: str, split: str) -> bool:
    """Whether there are any of a split.

    Where there is a list it says so, whatever lies in the folders: a run may have
    made none.
    """
    listed = _listed(data_root, split)
    if not listed:
        return has_split(data_root, split)
    return any(
        read_object(osp.join(data_root, name)).get('data_list') != [] for name in listed
    )


def _listed(data_root: str, split: str) -> list[str]:
    """Annotation files of a split."""
    return [
        name
        for name in annotation_files(data_root)
        if name.endswith(f'_infos_{split}.json')
    ]
