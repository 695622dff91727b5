"""Files in the form of the SSCNet release, for tests of what reads them."""

from pathlib import Path
from typing import Union

import numpy as np

from ..fileio.nyu_bin import NYUScene


def write_nyu_bin(path: Union[str, Path], scene: NYUScene) -> None:
    """Write a ``.bin`` file.

    Args:
        path (str | Path): The file; it is overwritten.
        scene (NYUScene): What to write.

    Raises:
        ValueError: If the labels are not a grid of uint8.
    """
    labels = np.asarray(scene.labels)
    if labels.ndim != 3 or labels.dtype != np.uint8 or not labels.size:
        raise ValueError(
            'labels should be a 3D array of uint8, but got '
            f'{labels.dtype} of {labels.shape}'
        )
    flat = labels.ravel()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1])
    lengths = np.diff(np.concatenate([starts, [flat.size]]))
    runs = np.stack([flat[starts], lengths], axis=1)
    header = np.concatenate(
        [
            np.asarray(scene.voxel_origin).reshape(3),
            np.asarray(scene.cam2world).reshape(16),
        ]
    )
    Path(path).write_bytes(
        header.astype('<f4').tobytes() + runs.astype('<u4').tobytes()
    )
