"""What is particular to NYU: its classes, camera, image and box.

The only place of these numbers; the names of the classes and their colours
are those of the published tables.
"""

import numpy as np

from ..fileio.nyu_bin import NUM_RAW_CLASSES
from ..geometry.camera import Intrinsics
from ..geometry.voxel_grid import VoxelGrid

CLASSES = (
    'empty',
    'ceiling',
    'floor',
    'wall',
    'window',
    'chair',
    'bed',
    'sofa',
    'table',
    'tvs',
    'furniture',
    'objects',
)
PALETTE = (
    (22, 191, 206),
    (214, 38, 40),
    (43, 160, 4),
    (158, 216, 229),
    (114, 158, 206),
    (204, 204, 91),
    (255, 186, 119),
    (147, 102, 188),
    (30, 119, 181),
    (188, 188, 33),
    (255, 127, 12),
    (196, 175, 214),
)
NUM_CLASSES = len(CLASSES)
EMPTY = 0
IGNORE_INDEX = 255

IMG_SIZE = (480, 640)
# as the release of ADASSC was made, and as the camera was calibrated, which
# the release of 3D-Sketch uses
INTRINSICS = Intrinsics(518.8579, 518.8579, 320.0, 240.0)
CALIBRATED_INTRINSICS = Intrinsics(518.8579, 519.4696, 325.58, 253.74)

# labels and TSDF are made on the fine grid; the network works on its blocks
FINE_GRID = VoxelGrid((240, 144, 240), 0.02)
BLOCK = 4
GRID = FINE_GRID.coarse(BLOCK)

# the 36 classes of the SSCNet release behind each of the 11
_CLASS_GROUPS = {
    1: (1,),
    2: (2,),
    3: (3,),
    4: (4,),
    5: (6,),
    6: (7,),
    7: (8,),
    8: (9, 10, 17, 30),
    9: (16, 33),
    10: (11, 12, 13, 27, 28, 31),
    11: (5, 14, 15, *range(18, 27), 29, 32, 34, 35, 36),
}

# NYU's 40 classes in images, counted from 0, behind each of the 11, as the
# labels of voxels say at the pixels that see them; all others are objects
_LABEL2D_GROUPS = {
    1: (21,),
    2: (1, 19),
    3: (0,),
    4: (8, 12, 15),
    5: (4,),
    6: (3,),
    7: (5,),
    8: (6, 13),
    9: (24,),
    10: (2, 9, 11, 14, 16, 31, 32, 33, 35, 38),
}
_OBJECTS = 11
NUM_LABEL2D_CLASSES = 40
# what has no name, or no label
_UNNAMED_2D = 39
# of the 2D segmentation that CVSformer's data have, with 0, unknown
NUM_SEG2D_LABELS = 14
# bed, books, ceiling, chair, floor, furniture, objects, picture, sofa, table,
# tv, wall, window
_SEG2D_CLASSES = (0, 6, 11, 1, 5, 2, 10, 11, 11, 7, 8, 9, 3, 4)


def is_occupied(labels: np.ndarray) -> np.ndarray:
    """Tell solid voxels from empty and ignored ones.

    Args:
        labels (np.ndarray): uint8, any shape.

    Returns:
        np.ndarray: bool, same shape.
    """
    return (labels != EMPTY) & (labels != IGNORE_INDEX)


def map_seg2d(labels: np.ndarray) -> np.ndarray:
    """Map the labels of Seg2D to the 11 classes of the benchmark.

    Args:
        labels (np.ndarray): uint8, any shape, 0..13.

    Returns:
        np.ndarray: uint8, same shape, 1..11, or 0 for unknown.
    """
    return np.array(_SEG2D_CLASSES, dtype=np.uint8)[labels]


def map_label2d(labels: np.ndarray) -> np.ndarray:
    """Map the 40 classes of NYU's images to the 11 of the benchmark.

    Args:
        labels (np.ndarray): uint8, any shape, 0..39.

    Returns:
        np.ndarray: uint8, same shape, 1..11, or 255 for 39.
    """
    table = np.full(NUM_LABEL2D_CLASSES, _OBJECTS, dtype=np.uint8)
    table[_UNNAMED_2D] = IGNORE_INDEX
    for target, sources in _LABEL2D_GROUPS.items():
        table[list(sources)] = target
    return table[labels]


def map_classes(labels: np.ndarray) -> np.ndarray:
    """Map the 36 classes of SSCNet to the 11 of the benchmark.

    Args:
        labels (np.ndarray): uint8, any shape, 0..36 or 255.

    Returns:
        np.ndarray: uint8, same shape, 0..11 or 255; 0 and 255 stay.

    Raises:
        ValueError: If there is another value.
    """
    labels = np.asarray(labels)
    if labels.dtype != np.uint8:
        raise ValueError(f'labels should be uint8, but got {labels.dtype}')
    unset = IGNORE_INDEX - 1
    table = np.full(256, unset, dtype=np.uint8)
    table[[0, IGNORE_INDEX]] = 0, IGNORE_INDEX
    for target, sources in _CLASS_GROUPS.items():
        table[list(sources)] = target
    mapped = table[labels]
    if (mapped == unset).any():
        raise ValueError(
            'unknown label '
            f'{labels[mapped == unset].ravel()[0]}; expected '
            f'0..{NUM_RAW_CLASSES - 1} or {IGNORE_INDEX}'
        )
    return mapped
