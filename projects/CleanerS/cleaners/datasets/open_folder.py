"""The data set in a folder, however its frames are listed."""

from .folder_scan import has_split
from .nyu_ssc_dataset import NYUSSCDataset
from .prepared import SPLITS, annotation_files


def splits_in(data_root: str) -> list[str]:
    """Splits that a folder has, listed or to be scanned."""
    return [
        split
        for split in SPLITS
        if _listed(data_root, split) or has_split(data_root, split)
    ]


def open_folder(data_root: str, split: str) -> NYUSSCDataset:
    """Open one split of a folder, without transforms.

    Args:
        data_root (str): Folder of the data set, of ``tools/create_data.py``
            or as published.
        split (str): 'train' or 'test'.

    Returns:
        NYUSSCDataset: With ``tsdf_path``, ``mapping_path`` and ``label_path``
        of each frame; photos need not be there.

    Raises:
        InputError: If there is no such data set, or no frame of the split.
    """
    listed = _listed(data_root, split)
    return NYUSSCDataset(
        ann_file=listed[0] if listed else '',
        split=split,
        data_root=data_root,
        data_prefix=dict(tsdf_path='TSDF', mapping_path='Mapping', label_path='Label'),
        test_mode=True,
        pipeline=[],
    )


def _listed(data_root: str, split: str) -> list[str]:
    """Annotation files of a split."""
    return [
        name
        for name in annotation_files(data_root)
        if name.endswith(f'_infos_{split}.json')
    ]
