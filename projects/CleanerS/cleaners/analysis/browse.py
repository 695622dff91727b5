"""A look at prepared frames."""

from pathlib import Path

import cv2
import mmengine
from mmengine.config import Config
from tqdm import tqdm

from ..datasets.nyu_ssc_dataset import NYUSSCDataset
from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError
from ..visualization.prepared_frame import draw_frame


def browse_dataset(source: str, split: str, out_dir: Path, max_frames: int) -> None:
    """Draw the first frames of a split.

    Args:
        source (str): Config, or folder of a data set.
        split (str): 'train' or 'test'.
        out_dir (Path): Folder for the pictures, named like the frames.
        max_frames (int): At most so many.

    Raises:
        InputError: If there is no such data set, or a file is broken.
    """
    dataset = build_dataset(source, split)
    count = min(len(dataset), max_frames)
    for index in tqdm(range(count), desc=split):
        info = dataset.get_data_info(index)
        picture = draw_frame(info, dataset.metainfo)
        _, png = cv2.imencode('.png', picture[..., ::-1])
        write_atomically(out_dir / f'{info["sample_idx"]}.png', png.tobytes())
    print(f'{count} of {len(dataset)} frames drawn in {out_dir}')


def build_dataset(source: str, split: str) -> NYUSSCDataset:
    """Build the data set without its transforms.

    Args:
        source (str): Config, or folder of a data set.
        split (str): 'train' or 'test'.

    Returns:
        NYUSSCDataset: Its infos name all files of a frame.

    Raises:
        InputError: If there is no such data set.
    """
    settings = (
        _from_folder(source, split)
        if Path(source).is_dir()
        else _from_config(source, split)
    )
    root, ann_file = Path(settings['data_root']), settings['ann_file']
    prefix = dict(settings['data_prefix'])
    if not (root / ann_file).is_file():
        raise InputError(
            f'{root / ann_file}: not found; prepare the data with tools/create_data.py'
        )
    frames = mmengine.load(root / ann_file)['data_list']
    if frames and 'depth_path' in frames[0]:
        prefix['depth_path'] = f'{split}set/Depth'
    return NYUSSCDataset(
        ann_file=ann_file,
        split=split,
        data_root=str(root),
        data_prefix=prefix,
        twin=settings.get('twin', ''),
        test_mode=True,
        pipeline=[],
    )


def _from_folder(source: str, split: str) -> dict:
    """Settings of the data set in a folder."""
    files = sorted(Path(source).glob(f'*_infos_{split}.json'))
    if len(files) != 1:
        raise InputError(
            f'{source}: expected one annotation file '
            f'*_infos_{split}.json, but found {len(files)}'
        )
    return dict(
        data_root=source,
        ann_file=files[0].name,
        data_prefix=dict(
            img_path=f'{split}set/RGB',
            tsdf_path='TSDF',
            mapping_path='Mapping',
            label_path='Label',
        ),
    )


def _from_config(source: str, split: str) -> dict:
    """Settings of the data set in a config."""
    if not Path(source).is_file():
        raise InputError(f'{source}: no such config or folder')
    return Config.fromfile(source)[f'{split}_dataloader'].dataset
