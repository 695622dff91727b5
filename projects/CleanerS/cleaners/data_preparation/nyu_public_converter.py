"""The 3D-Sketch release from two repositories that anyone can clone.

``donghaotian123/CVSformer`` has the volumes under ``data/``: ``T`` (TSDF and
label weight), ``L`` (labels), ``Mapping``, ``seg_result_label13`` and the two
lists. ``markshih91/refinenet_pytorch`` has the photos and their labels under
``data/``: ``nyu_images/K.jpg`` and ``nyu_labels40/K.png`` of frame K + 1,
mirrored.
"""

from functools import partial
from pathlib import Path
from typing import NamedTuple, Optional

import cv2
import numpy as np

from ..datasets import nyu
from ..datasets.folder_scan import listed_numbers
from ..datasets.prepared import SPLITS, is_prepared
from ..fileio.image_file import encode_png, read_bytes, read_photo
from ..fileio.label_image import read_label_image
from ..utils.errors import InputError
from .frame_workers import Workers, convert_split, report_broken
from .output_files import remove_leftovers, write_file
from .release_check import check_release_frame

# folder there, folder here, ending
_VOLUMES = (
    ('T', 'TSDF', 'npz'),
    ('L', 'Label', 'npz'),
    ('Mapping', 'Mapping', 'npz'),
    ('seg_result_label13', 'Seg2D', 'png'),
)


class Clones(NamedTuple):
    """Where the files come from, and where they go.

    Attributes:
        volumes (Path): Folder ``data`` of the one repository.
        photos (Path, optional): Folder ``data`` of the other.
        out_dir (Path): Folder of the data set.
    """

    volumes: Path
    photos: Optional[Path]
    out_dir: Path


def convert_nyu_public(clones: Clones, workers: Workers = Workers()) -> bool:
    """Build the folder; what is there and right is not written again.

    Args:
        clones (Clones): Where from and where to.
        workers (Workers): Processes. Defaults to one.

    Returns:
        bool: Whether all frames are there, and right.

    Raises:
        InputError: If a clone lacks a folder or a list, or another data set is
            there.
        WriteError: If a file cannot be written.
    """
    _check_clones(clones)
    if is_prepared(str(clones.out_dir)):
        raise InputError(
            f'{clones.out_dir}: holds a data set that was prepared from raw files; '
            'give another --out-dir'
        )
    remove_leftovers([clones.out_dir])
    lists = {
        split: listed_numbers(str(clones.volumes / f'{split}.txt')) for split in SPLITS
    }
    both = sorted(set.intersection(*lists.values()))
    if both:
        raise InputError(
            f'{clones.volumes}: frame {both[0]} is in both lists, '
            f'and so are {len(both)} in all'
        )
    results = {}
    for split, numbers in lists.items():
        samples = sorted(numbers)
        results[split] = convert_split(
            split, samples, partial(_convert, clones=clones), workers
        )
        lines = [n for n in samples if n not in results[split].broken]
        write_file(
            clones.out_dir / f'{split}.txt',
            ''.join(f'{line}\n' for line in lines).encode(),
        )
    whole = report_broken(results)
    count = sum(len(r.samples) - len(r.broken) for r in results.values())
    print(f'{count} frames in {clones.out_dir}')
    return whole


def _check_clones(clones: Clones) -> None:
    """Refuse folders that are not what they should be."""
    wanted = [clones.volumes / there for there, _, _ in _VOLUMES]
    wanted += [clones.volumes / f'{split}.txt' for split in SPLITS]
    if clones.photos is not None:
        wanted += [clones.photos / 'nyu_images', clones.photos / 'nyu_labels40']
    missing = [str(path) for path in wanted if not path.exists()]
    if missing:
        raise InputError(
            f'{", ".join(missing)}: not found; --volumes is the '
            'folder data of a clone of donghaotian123/CVSformer, '
            '--photos that of markshih91/refinenet_pytorch'
        )


def _convert(number: str, clones: Clones) -> None:
    """Bring the files of one frame, then check them all."""
    out_dir = clones.out_dir
    for there, here, ending in _VOLUMES:
        source = clones.volumes / there / f'{number}.{ending}'
        target = out_dir / here / source.name
        content = read_bytes(source, 'file')
        if not target.is_file() or target.read_bytes() != content:
            write_file(target, content)
    if clones.photos is not None:
        _convert_images(int(number) - 1, number, clones.photos, out_dir)
    folders = ['Seg2D'] + ['RGB', 'Label2D'] * (clones.photos is not None)
    faults = check_release_frame(out_dir, number, folders).faults
    if faults:
        raise ValueError('; '.join(faults))


def _convert_images(index: int, number: str, photos: Path, out_dir: Path) -> None:
    """Turn photo and labels back, without loss.

    Pictures are made anew even if they are there, for only so it shows
    whether these are right; they are written if they are not.
    """
    photo = read_photo(photos / 'nyu_images' / f'{index}.jpg')
    pictures = {
        f'RGB/NYU{number}_colors.png': encode_png(np.ascontiguousarray(photo[:, ::-1]))
    }
    source = photos / 'nyu_labels40' / f'{index}.png'
    labels = read_label_image(source, nyu.IMG_SIZE, nyu.NUM_LABEL2D_CLASSES)
    pictures[f'Label2D/{number}.png'] = cv2.imencode('.png', labels[:, ::-1])[
        1
    ].tobytes()
    for name, content in pictures.items():
        target = out_dir / name
        if not target.is_file() or target.read_bytes() != content:
            write_file(target, content)
