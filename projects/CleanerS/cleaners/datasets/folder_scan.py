"""Frames of data sets without annotation file, in the layouts in use."""

import os.path as osp
import re
from glob import escape, glob
from typing import List, Tuple

from ..utils.errors import InputError

# Where the folder layouts in use keep the photos of a split.
RGB_FOLDERS = ('{split}set/RGB', '{split}/RGB', 'RGB')
FRAME_NAME = re.compile(r'^(?P<frame>[A-Za-z]*(?P<number>\d{4}))')


def scan_frames(data_root: str, split: str) -> Tuple[str, List[dict]]:
    """Find the frames of a split.

    - ``trainset/RGB/NYU0003_rgb.png`` (CleanerS' README), ``testset/RGB``;
    - ``train/RGB/NYU0003_rgb.png`` (CleanerS' code), ``test/RGB``;
    - ``RGB/NYU0003_colors.png`` with ``train.txt`` and ``test.txt``, one
      frame a line (TorchSSC).

    Args:
        data_root (str): Folder of the data set.
        split (str): 'train' or 'test'.

    Returns:
        tuple: Folder of the photos, and the frames, sorted by name: dicts
        as in an annotation file.

    Raises:
        InputError: If there are none.
    """
    for pattern in RGB_FOLDERS:
        folder = osp.join(data_root, pattern.format(split=split))
        if osp.isdir(folder):
            break
    else:
        raise InputError(f"no photos in '{data_root}': expected one of "
                         f'{[p.format(split=split) for p in RGB_FOLDERS]}; '
                         'data/README.md shows the layouts')
    photos = sorted(
        osp.basename(path) for path in glob(osp.join(escape(folder), '*.*'))
        if path.endswith(('.png', '.jpg')))
    infos = [
        _info_from_photo(photo) for photo in photos if FRAME_NAME.match(photo)
    ]
    if pattern == 'RGB':
        wanted = _listed_numbers(osp.join(data_root, f'{split}.txt'))
        infos = [i for i in infos if i['tsdf_path'][:4] in wanted]
    if not infos:
        raise InputError(f"no frame of split '{split}' in '{folder}'; photos "
                         'are named like NYU0003_rgb.png or '
                         'NYU0003_colors.png')
    return folder, infos


def _info_from_photo(photo: str) -> dict:
    """A frame whose volumes are known by its number."""
    match = FRAME_NAME.match(photo)
    volume = f"{match['number']}.npz"
    return dict(
        sample_idx=match['frame'],
        img_path=photo,
        tsdf_path=volume,
        tsdf_cad_path=volume,
        mapping_path=volume,
        label_path=volume)


def _listed_numbers(path: str) -> set:
    """Read the frame numbers of a flat layout's split file."""
    if not osp.isfile(path):
        raise InputError(f"'{path}' not found: a flat RGB folder needs the "
                         'list of the frames of each split')
    with open(path, encoding='utf-8') as file:
        names = [
            osp.basename(line.split()[0]) for line in file if line.strip()
        ]
    matches = [FRAME_NAME.match(name) for name in names]
    if None in matches:
        raise InputError(f"'{path}', line {matches.index(None) + 1}: "
                         f'{names[matches.index(None)]!r} is no frame name '
                         'like NYU0003')
    return {match['number'] for match in matches}
