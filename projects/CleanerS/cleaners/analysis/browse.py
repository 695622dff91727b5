"""A look at prepared frames."""

from pathlib import Path

from mmdet3d.registry import DATASETS
from mmengine.dataset import BaseDataset
from tqdm import tqdm

from ..datasets.open_folder import open_folder
from ..engine.data_folders import the_dataset
from ..fileio.image_file import encode_png
from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError, values_are_input
from ..utils.package_files import find_config, open_config
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
        if not {'tsdf_path', 'mapping_path'} <= info.keys():
            raise InputError(
                f'{source} reads no volumes of its frames: name the folder of the data '
                'set instead'
            )
        with values_are_input():
            picture = draw_frame(info, dataset.metainfo)
        write_atomically(out_dir / f'{info["sample_idx"]}.png', encode_png(picture))
    print(f'{count} of {len(dataset)} frames drawn in {out_dir}')


def build_dataset(source: str, split: str) -> BaseDataset:
    """Build the data set without its transforms.

    Args:
        source (str): Config, or folder of a data set.
        split (str): 'train' or 'test'.

    Returns:
        BaseDataset: Its infos name the files of a frame, those that the config
        reads or, of a folder, all that are there.

    Raises:
        InputError: If there is no such data set.
    """
    if Path(source).is_dir():
        return open_folder(source, split, with_pictures=True)
    if not Path(find_config(source)).is_file():
        raise InputError(f'{source}: no such config or folder')
    loader = open_config(source)[f'{split}_dataloader']
    settings = the_dataset(loader, 'browsing shows')
    return DATASETS.build(dict(settings, pipeline=[], test_mode=True))
