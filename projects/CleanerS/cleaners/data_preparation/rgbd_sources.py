"""Which files of anyone's RGB-D camera belong together."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..fileio.depth_file import SUFFIXES as _DEPTH_SUFFIXES
from ..fileio.prediction_file import SUFFIXES as _LABEL_SUFFIXES

PHOTO_SUFFIXES = ('.png', '.jpg', '.jpeg')
# what cameras' programs append to the name that photo and depth share
_KIND = re.compile(r'[._-](colou?rs?|rgb|image|depth)$', re.IGNORECASE)
_LABEL = re.compile(r'[._-]labels?$', re.IGNORECASE)


class Sources(NamedTuple):
    """Files of each frame.

    Attributes:
        photos (dict[str, Path]): Photo of each frame.
        depths (dict[str, Path]): Depth image of each frame.
        labels (dict[str, Path]): Voxel labels of each frame. Defaults to {}:
            there are none.
    """

    photos: dict[str, Path]
    depths: dict[str, Path]
    labels: dict[str, Path] = {}


def find_frames(rgb: Path, depth: Path) -> Sources:
    """Find which photo and which depth image belong together.

    In folders (or in one folder) they have the same name, but for the
    ending and for a last part like ``.color``, ``_rgb`` or ``-depth``. Hidden
    files are none of them, such as the ``._17.png`` that a Mac adds.

    Args:
        rgb (Path): A photo, or a folder of them.
        depth (Path): A depth image, or a folder of them.

    Returns:
        Sources: Files by the name of their frame.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If they do not belong together.
    """
    for path in (rgb, depth):
        if not path.exists():
            raise FileNotFoundError(f'{path}: no such file or folder')
    if rgb.is_dir() != depth.is_dir():
        raise ValueError(f'{rgb} and {depth}: give two files or two folders')
    if not rgb.is_dir():
        name = _frame_name(rgb)
        return Sources({name: rgb}, {name: depth})
    photos = _by_name(rgb, PHOTO_SUFFIXES, is_depth=False)
    depths = _by_name(depth, _DEPTH_SUFFIXES, is_depth=True)
    if not photos:
        raise FileNotFoundError(f'{rgb}: no photos ({", ".join(PHOTO_SUFFIXES)}) there')
    odd = sorted(set(photos) ^ set(depths))
    if odd:
        raise ValueError(
            f'{rgb} and {depth}: {len(odd)} frames are in one of them only, '
            f'{odd[0]!r} for one; names should agree but for the ending and '
            'a last part like _rgb or _depth'
        )
    return Sources(photos, depths)


def find_depths(depth: Path) -> Sources:
    """Find depth images that have no photo.

    Args:
        depth (Path): A depth image, or a folder of them.

    Returns:
        Sources: Without photos.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If a frame has two.
    """
    if not depth.exists():
        raise FileNotFoundError(f'{depth}: no such file or folder')
    if not depth.is_dir():
        return Sources({}, {_frame_name(depth): depth})
    depths = _by_name(depth, _DEPTH_SUFFIXES, is_depth=True)
    if not depths:
        raise FileNotFoundError(
            f'{depth}: no depth images ({", ".join(_DEPTH_SUFFIXES)}) there'
        )
    return Sources({}, depths)


def find_labels(labels: Path, frames: Iterable[str]) -> dict[str, Path]:
    """Find the voxel labels of each frame.

    Args:
        labels (Path): A file, for a single frame, or a folder of files that
            are named like the photo of their frame, but for the ending and a
            last part like ``_label``. It may hold those of other frames.
        frames (Iterable[str]): Names of the frames.

    Returns:
        dict[str, Path]: Files by the name of their frame.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: If a frame has no labels, or two files of them.
    """
    frames = sorted(frames)
    if not labels.exists():
        raise FileNotFoundError(f'{labels}: no such file or folder')
    if labels.is_file():
        if len(frames) != 1:
            raise ValueError(
                f'{labels}: one file of labels for {len(frames)} '
                'frames; give a folder with one a frame'
            )
        return {frames[0]: labels}
    found: dict[str, Path] = {}
    for path in sorted(labels.iterdir()):
        if path.suffix not in _LABEL_SUFFIXES or path.name.startswith('.'):
            continue
        name = _LABEL.sub('', path.stem)
        name = name if name in frames else _KIND.sub('', name)
        if name in found:
            raise ValueError(
                f'{found[name]} and {path}: labels of one frame {name!r} twice'
            )
        found[name] = path
    missing = [frame for frame in frames if frame not in found]
    if missing:
        raise ValueError(
            f'{labels}: no labels of {len(missing)} of {len(frames)} frames, '
            f'{missing[0]}.npy or {missing[0]}.npz for one'
        )
    return {frame: found[frame] for frame in frames}


def _by_name(folder: Path, suffixes: Sequence[str], is_depth: bool) -> dict[str, Path]:
    """Images of a folder by the name of their frame."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        kind = _KIND.search(path.stem)
        is_other = kind and (kind[1].lower() == 'depth') != is_depth
        is_hidden = path.name.startswith('.')
        if path.suffix.lower() not in suffixes or is_other or is_hidden:
            continue
        name = _frame_name(path)
        if name in found:
            raise ValueError(
                f'{found[name]} and {path}: two images of one frame {name!r}'
            )
        found[name] = path
    return found


def _frame_name(path: Path) -> str:
    """Name of a frame, from one of its files."""
    return _KIND.sub('', path.stem) or path.stem
