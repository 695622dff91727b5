"""The data set in a folder, however its frames are listed."""
from .nyu_ssc_dataset import NYUSSCDataset
from .prepared import annotation_files


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
    listed = [
        name for name in annotation_files(data_root)
        if name.endswith(f'_infos_{split}.json')
    ]
    return NYUSSCDataset(
        ann_file=listed[0] if listed else '',
        split=split,
        data_root=data_root,
        data_prefix=dict(
            tsdf_path='TSDF', mapping_path='Mapping', label_path='Label'),
        test_mode=True,
        pipeline=[])
