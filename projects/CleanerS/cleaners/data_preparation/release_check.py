"""Is a folder in the form of the 3D-Sketch release what it should be?"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..datasets import nyu
from ..datasets.folder_scan import listed_numbers
from ..datasets.prepared import SPLITS
from ..fileio.image_file import read_photo
from ..fileio.label_image import read_label_image
from ..fileio.npz_file import read_npz
from ..geometry.tsdf import occlusion_label_weights
from .frame_checks import are_labels, is_tsdf, print_faults, run_checks

_NUM_VOXELS = nyu.GRID.num_voxels
_NUM_PIXELS = int(np.prod(nyu.IMG_SIZE))
# labels of the images that may come with it
_IMAGES = dict(Seg2D=nyu.NUM_SEG2D_LABELS, Label2D=nyu.NUM_LABEL2D_CLASSES)
_NUM_FRAMES = 1449
# percent of all voxels of the whole release, and what rounding leaves open
_CLASS_SHARES = (0.07, 1.03, 0.89, 0.12, 0.16, 0.41, 0.32, 0.26, 0.03, 1.66, 0.80)
_SHARES = {
    nyu.EMPTY: (42.6, 0.05),
    nyu.IGNORE_INDEX: (51.7, 0.05),
    **{label: (share, 0.005) for label, share in enumerate(_CLASS_SHARES, 1)},
}


class FrameCheck(NamedTuple):
    """What is found in a frame.

    Attributes:
        faults (list[str]): What is wrong, each with the name of a file.
        counts (np.ndarray): (256,) int64, voxels of each label.
        num_counted (int): Voxels with label weight.
    """

    faults: list[str]
    counts: np.ndarray
    num_counted: int


def is_release(root: Path) -> bool:
    """Whether a folder is listed as the release is."""
    return any((root / f'{split}.txt').is_file() for split in SPLITS)


def check_release(root: Path, workers: int = 1) -> bool:
    """Check all files and print what is wrong.

    Args:
        root (Path): Holds ``train.txt``, ``test.txt``, TSDF, Mapping, Label
            and perhaps RGB, Seg2D and Label2D.
        workers (int): Processes. Defaults to 1.

    Returns:
        bool: Whether nothing is wrong.

    Raises:
        InputError: If a list is broken.
    """
    splits = {
        split: listed_numbers(str(root / f'{split}.txt'))
        for split in SPLITS
        if (root / f'{split}.txt').is_file()
    }
    faults = [
        f'{root}/{split}.txt: missing, or lists no frame'
        for split in SPLITS
        if not splits.get(split)
    ]
    if len(splits) == len(SPLITS):
        faults += [
            f'{root}: frame {number} is in both lists'
            for number in sorted(set.intersection(*splits.values()))
        ]
    frames = sorted(set.union(*splits.values()))
    folders = [f for f in ('RGB', *_IMAGES) if (root / f).is_dir()]
    counts, counted = np.zeros(256, np.int64), 0
    arguments = [(root, number, folders) for number in frames]
    for found in run_checks(check_release_frame, arguments, workers):
        faults += found.faults
        counts += found.counts
        counted += found.num_counted
    if faults or len(frames) == _NUM_FRAMES:
        faults += [] if faults else _compare_shares(counts)
    else:
        print(
            f'{len(frames)} frames are not the whole release '
            f'({_NUM_FRAMES}): the shares of its classes are not compared'
        )
    print_faults(faults)
    sizes = ', '.join(f'{len(n)} {split}' for split, n in splits.items())
    print(
        f'{len(frames)} frames ({sizes}), {counts.sum()} voxels, {counted} '
        f'with label weight, with {", ".join(folders) or "no images"}: '
        f'{len(faults) or "no"} faults'
    )
    return not faults


def check_release_frame(root: Path, number: str, folders: list[str]) -> FrameCheck:
    """Check the files of one frame.

    Args:
        root (Path): Folder of the release.
        number (str): Of the frame, four digits.
        folders (list[str]): Folders of images that are there.

    Returns:
        FrameCheck: What is found.
    """
    faults: list[str] = []
    counts, counted = np.zeros(256, np.int64), 0
    try:
        volumes = {
            name: read_npz(root / folder / f'{number}.npz', key, _NUM_VOXELS)
            for name, folder, key in (
                ('tsdf', 'TSDF', 'arr_0'),
                ('weight', 'TSDF', 'arr_1'),
                ('mapping', 'Mapping', 'arr_0'),
                ('label', 'Label', 'arr_0'),
            )
        }
        faults += [f'frame {number}: {fault}' for fault in _faults_of(volumes)]
        if not faults:
            counts = np.bincount(volumes['label'].astype(np.int64), minlength=256)
            counted = int(volumes['weight'].sum())
    except (ValueError, FileNotFoundError) as error:
        faults.append(str(error))
    for folder in folders:
        try:
            _check_image(root, folder, number)
        except (ValueError, OSError) as error:
            faults.append(str(error))
    return FrameCheck(faults, counts, counted)


def _faults_of(volumes: dict[str, np.ndarray]) -> Iterator[str]:
    """Ranges, and the rule of the weights."""
    tsdf, label, mapping = (volumes[n] for n in ('tsdf', 'label', 'mapping'))
    if not is_tsdf(tsdf):
        yield 'TSDF beyond -1..1'
    if mapping.min() < 0 or mapping.max() > _NUM_PIXELS:
        yield f'mapping beyond 0..{_NUM_PIXELS}'
    elif not (mapping < _NUM_PIXELS).any():
        yield 'no voxel is seen'
    if not are_labels(label, nyu.NUM_CLASSES):
        yield (f'labels beyond 0..{nyu.NUM_CLASSES - 1} and {nyu.IGNORE_INDEX}')
    expected = occlusion_label_weights(label, tsdf, nyu.IGNORE_INDEX)
    wrong = np.count_nonzero(volumes['weight'] != expected)
    if wrong:
        yield (
            f'{wrong} label weights are not those of the rule (label 1..11 '
            'or TSDF < -0.5)'
        )


def _check_image(root: Path, folder: str, number: str) -> None:
    """Refuse an image that is missing, broken or of another kind."""
    if folder == 'RGB':
        paths = sorted((root / folder).glob(f'NYU{number}_*'))
        path = paths[0] if paths else root / folder / f'NYU{number}_colors.jpg'
        photo = read_photo(path)
        if photo.shape[:2] != nyu.IMG_SIZE:
            raise ValueError(
                f'{path}: {photo.shape[:2]} pixels instead of {nyu.IMG_SIZE}'
            )
        return
    read_label_image(root / folder / f'{number}.png', nyu.IMG_SIZE, _IMAGES[folder])


def _compare_shares(counts: np.ndarray) -> Iterator[str]:
    """Classes of the whole release that are more or less than they should."""
    for label, (share, slack) in _SHARES.items():
        found = 100 * counts[label] / counts.sum()
        if abs(found - share) > slack:
            yield (
                f'label {label} has {found:.3f} % of all voxels, where the '
                f'release has {share} %'
            )
