"""A completed scene as one ``.npz`` file."""

import io
from pathlib import Path
from typing import Optional, Union

import numpy as np
from numpy.typing import ArrayLike

from ..structures import VoxelData
from ..utils.atomic_write import write_atomically


def write_occupancy(
    path: Union[str, Path],
    label: np.ndarray,
    confidence: np.ndarray,
    voxel_origin: ArrayLike,
    voxel_size: float = 0.08,
    frame: str = 'world',
    cam2world: Optional[ArrayLike] = None,
    cam2img: Optional[ArrayLike] = None,
) -> None:
    """Write labels and confidences with where they are.

    ``np.load`` gives ``label`` (X, Y, Z) uint8 and ``confidence`` (X, Y, Z)
    float32, both (sideways, height, depth), which are world X, Z, Y;
    ``origin`` (3,) float64, world X, Y, Z of the outer corner of voxel
    (0, 0, 0), and ``resolution``, side of a voxel, both in metres; ``frame``,
    the name of these coordinates, whose Z points up; and of one camera's view
    ``cam2world`` (4, 4) and ``cam2img`` (3, 3) float64.

    Args:
        path (str | Path): The file; written whole or not at all.
        label (np.ndarray): Integers in 0..255; 0 is empty, 255 is not known.
        confidence (np.ndarray): In 0..1, of each label.
        voxel_origin (ArrayLike): ``origin``.
        voxel_size (float): ``resolution``. Defaults to 0.08.
        frame (str): Defaults to 'world', of this project
            (docs/conventions.md).
        cam2world, cam2img (ArrayLike, optional): Of the camera that saw it;
            ``cam2img`` in pixels of the 480 x 640 image that was completed.
            Defaults to None: not written.

    Raises:
        ValueError: If the volumes are none, or differ in shape, or the
            origin is not three numbers.
    """
    label, confidence = np.asarray(label), np.asarray(confidence)
    VoxelData(label=label, confidence=confidence)  # refuses another grid
    origin = np.asarray(voxel_origin, np.float64)
    if origin.shape != (3,):
        raise ValueError(f'voxel_origin should be three numbers, but got {origin}')
    camera = dict(cam2world=cam2world, cam2img=cam2img)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        label=label.astype(np.uint8),
        confidence=confidence.astype(np.float32),
        origin=origin,
        resolution=np.float64(voxel_size),
        frame=frame,
        **{k: np.asarray(v, np.float64) for k, v in camera.items() if v is not None},
    )
    write_atomically(path, content.getvalue())
