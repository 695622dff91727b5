"""Images of labels, one a pixel."""

from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np

from .image_file import decode_image


def decode_label_image(
    path: Union[str, Path], content: bytes, size: Sequence[int], num_labels: int
) -> np.ndarray:
    """Decode an image of labels.

    Args:
        path (str | Path): Its file, for the message.
        content (bytes): Of the file.
        size (Sequence[int]): (H, W) that it should have.
        num_labels (int): Labels are below it.

    Returns:
        np.ndarray: (H, W) uint8.

    Raises:
        ValueError: If it is no such image, or has other labels.
    """
    labels = decode_image(path, content)
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
