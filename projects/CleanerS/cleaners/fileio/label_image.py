"""Images of labels, one a pixel."""

from collections.abc import Sequence
from pathlib import Path
from typing import Union

import cv2
import numpy as np


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
    labels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if labels is None or labels.dtype != np.uint8 or (labels.shape != tuple(size)):
        found = 'no image' if labels is None else (f'{labels.dtype} of {labels.shape}')
        raise ValueError(
            f"'{path}' should be a grey image of 8 bit, "
            f'{tuple(size)} pixels (H, W), but is {found}'
        )
    if labels.max() >= num_labels:
        raise ValueError(
            f"'{path}' should hold labels 0..{num_labels - 1}, but has {labels.max()}"
        )
    return labels
