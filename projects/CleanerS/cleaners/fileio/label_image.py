"""Images of labels, one a pixel."""

from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np

from .image_file import decode_image, read_bytes


def read_label_image(
    path: Union[str, Path], size: Sequence[int], num_labels: int
) -> np.ndarray:
    """Read an image of labels.

    Args:
        path (str | Path): A grey PNG of 8 bit.
        size (Sequence[int]): (H, W) that it should have.
        num_labels (int): Labels are below it.

    Returns:
        np.ndarray: (H, W) uint8.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such image, or has other labels.
    """
    labels = decode_image(path, read_bytes(path, 'label image'))
    if labels.dtype != np.uint8 or labels.shape != tuple(size):
        raise ValueError(
            f"'{path}' should be a grey image of 8 bit, {tuple(size)} pixels (H, W), "
            f'but is {labels.dtype} of {labels.shape}'
        )
    if labels.max() >= num_labels:
        raise ValueError(
            f"'{path}' should hold labels 0..{num_labels - 1}, but has {labels.max()}"
        )
    return labels
