"""Classes of labels that a user gives, and the labels themselves."""

import colorsys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..datasets import nyu
from ..fileio.prediction_file import read_grid
from ..fileio.text_file import read_text
from ..utils.errors import InputError

# hues that follow each other by this part of the circle never come close
_HUE_STEP = 0.618034
# neighbours in turn
_SATURATIONS, _VALUES = (0.85, 0.5), (0.95, 0.75, 0.55)


def read_classes(text: str) -> tuple[str, ...]:
    """Read the names of classes.

    Args:
        text (str): 'empty,floor,...', or a text file with a name a line; ''
            for the 12 classes of NYU.

    Returns:
        tuple[str, ...]: The empty class first.

    Raises:
        InputError: If there are fewer than 2 or more than 255, or one twice.
    """
    if not text:
        return nyu.CLASSES
    names = [name.strip() for name in text.split(',')]
    if len(names) == 1:
        try:
            lines = read_text(text, 'list of classes').splitlines()
        except (OSError, InputError) as error:
            raise InputError(
                f"--classes: '{text}' is neither a list "
                "'empty,floor,...' nor a readable text file "
                f'({error})'
            ) from error
        names = [line.strip() for line in lines if line.strip()]
    if not 2 <= len(names) <= nyu.IGNORE_INDEX:
        raise InputError(
            f"--classes: '{text}' should name 2 to "
            f'{nyu.IGNORE_INDEX} classes, the empty one first, '
            f'but names {len(names)}'
        )
    odd = [name for name in names if not name or names.count(name) > 1]
    if odd:
        raise InputError(
            f"--classes: '{text}' should name every class once, but has {odd[0]!r}"
        )
    return tuple(names)


def make_palette(classes: Sequence[str]) -> list[list[int]]:
    """Choose colours of classes, always the same for the same number.

    Args:
        classes (Sequence[str]): Their names.

    Returns:
        list[list[int]]: RGB, 0..255, of each; NYU's if the classes are.
    """
    if tuple(classes) == nyu.CLASSES:
        return [list(colour) for colour in nyu.PALETTE]
    palette = []
    for index in range(len(classes)):
        hue = index * _HUE_STEP % 1
        colour = colorsys.hsv_to_rgb(hue, _SATURATIONS[index % 2], _VALUES[index % 3])
        palette.append([round(255 * part) for part in colour])
    return palette


def read_labels(path: Path, classes: Sequence[str]) -> np.ndarray:
    """Read the voxel labels of one frame.

    Args:
        path (Path): ``.npy``, or ``.npz`` with one array: (240, 144, 240) or
            (60, 36, 60), or one of them flat.
        classes (Sequence[str]): The empty class first.

    Returns:
        np.ndarray: (240, 144, 240) or (60, 36, 60) uint8, a class or 255.

    Raises:
        ValueError: If it is broken, of another shape, or has other values.
    """
    labels = read_grid(path, [nyu.GRID.shape, nyu.FINE_GRID.shape])
    is_known = (labels >= 0) & (labels < len(classes)) & (labels % 1 == 0)
    is_known |= labels == nyu.IGNORE_INDEX
    if not is_known.all():
        raise ValueError(
            f"'{path}' has the label {labels[~is_known][0]}, but labels are "
            f'0..{len(classes) - 1} ({", ".join(classes)}) or '
            f'{nyu.IGNORE_INDEX}; --classes names others'
        )
    return labels.astype(np.uint8)
