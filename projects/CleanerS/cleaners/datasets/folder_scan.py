"""Frames of data sets without annotation file, in the layouts in use."""

import os
import os.path as osp
import re
from collections.abc import Mapping
from glob import escape, glob

from ..fileio.text_file import read_text
from ..utils.errors import InputError

# Where the folder layouts in use keep the photos of a split.
RGB_FOLDERS = ('{split}set/RGB', '{split}/RGB')
FRAME_NAME = re.compile(r'^(?P<frame>[A-Za-z]*(?P<number>\d{4}))(?!\d)')


def scan_frames(data_root: str, split: str) -> tuple[str, list[dict]]:
    """Find the frames of a split.

    - ``trainset/RGB/NYU0003_rgb.png`` (CleanerS' README), ``testset/RGB``;
    - ``train/RGB/NYU0003_rgb.png`` (CleanerS' code), ``test/RGB``;
    - ``train.txt`` and ``test.txt``, one frame a line, and perhaps
      ``RGB/NYU0003_colors.png`` (3D-Sketch, TorchSSC).

    Args:
        data_root (str): Folder of the data set.
        split (str): 'train' or 'test'.

    Returns:
        tuple: Folder of the photos, '' without any, and the frames, sorted by
        name: dicts as in an annotation file; without ``img_path`` where a
        listed frame has no photo.

    Raises:
        InputError: If there are none, or a frame has two photos.
    """
    for pattern in RGB_FOLDERS:
        folder = osp.join(data_root, pattern.format(split=split))
        if osp.isdir(folder):
            infos = _infos_from_photos(folder)
            if not infos:
                raise InputError(
                    f"no frame of split '{split}' in '{folder}': "
                    'photos are named like NYU0003_rgb.png'
                )
            return folder, infos
    list_file = osp.join(data_root, f'{split}.txt')
    folder = osp.join(data_root, 'RGB')
    if osp.isfile(list_file):
        photos = _infos_from_photos(folder)
        return folder if photos else '', _listed_infos(list_file, photos)
    if osp.isdir(folder):
        raise InputError(
            f"'{list_file}' not found: a flat RGB folder needs "
            'the list of the frames of each split'
        )
    raise InputError(
        f"no frames in '{data_root}': expected {split}.txt, or photos in one "
        f'of {[p.format(split=split) for p in RGB_FOLDERS]}; data/README.md '
        'shows the layouts'
    )


def has_split(data_root: str, split: str) -> bool:
    """Whether a folder has frames of a split, by list or by photos."""
    return osp.isfile(osp.join(data_root, f'{split}.txt')) or any(
        osp.isdir(osp.join(data_root, pattern.format(split=split)))
        for pattern in RGB_FOLDERS
    )


def check_volumes(frames: list[dict], folders: Mapping[str, str]) -> None:
    """Refuse frames whose volumes are not there.

    Args:
        frames (list[dict]): As :func:`scan_frames` returns them.
        folders (Mapping[str, str]): Folder of each kind of volume, by the
            key of its file in a frame.

    Raises:
        InputError: If a file is missing.
    """
    for key, folder in folders.items():
        there = set(os.listdir(folder)) if osp.isdir(folder) else set()
        missing = [info for info in frames if info[key] not in there]
        if missing:
            raise InputError(
                f"'{osp.join(folder, missing[0][key])}' not found: "
                f'{len(missing)} of {len(frames)} frames lack this volume, so '
                'that the data set is incomplete'
            )


def _infos_from_photos(folder: str) -> list[dict]:
    """Frames that have a photo, sorted."""
    names = sorted(
        osp.basename(path)
        for path in glob(osp.join(escape(folder), '*.*'))
        if path.endswith(('.png', '.jpg'))
    )
    matches = filter(None, map(FRAME_NAME.match, names))
    infos: dict[str, dict] = {}
    for match in matches:
        other = infos.get(match['number'])
        if other is not None:
            raise InputError(
                f"'{folder}' has two photos of frame {match['number']}, "
                f'{other["img_path"]} and {match.string}: keep one of them'
            )
        infos[match['number']] = dict(
            _info(match['frame'], match['number']), img_path=match.string
        )
    return list(infos.values())


def _listed_infos(list_file: str, photos: list[dict]) -> list[dict]:
    """Frames of a list, with the photos that there are."""
    by_number = {info['tsdf_path'][:4]: info for info in photos}
    numbers = sorted(listed_numbers(list_file))
    if not numbers:
        raise InputError(f"'{list_file}' lists no frame")
    return [by_number.get(number, _info(f'NYU{number}', number)) for number in numbers]


def _info(frame: str, number: str) -> dict:
    """A frame whose other files are known by its number."""
    volume, image = f'{number}.npz', f'{number}.png'
    return dict(
        sample_idx=frame,
        tsdf_path=volume,
        tsdf_cad_path=volume,
        mapping_path=volume,
        label_path=volume,
        seg2d_path=image,
        label2d_path=image,
    )


def listed_numbers(path: str) -> set[str]:
    """Read the frame numbers of a split file.

    Args:
        path (str): One frame a line, ``0003`` or ``NYU0003``, perhaps in a
            path.

    Returns:
        set[str]: Of four digits.

    Raises:
        InputError: If a line names no frame, or it is no text file.
    """
    numbers = set()
    for count, line in enumerate(read_text(path, 'list of frames').splitlines(), 1):
        words = line.split()
        if not words:
            continue
        name = osp.basename(words[0])
        match = FRAME_NAME.match(name)
        if match is None:
            raise InputError(
                f"'{path}', line {count}: {name!r} is no frame name like NYU0003"
            )
        numbers.add(match['number'])
    return numbers
