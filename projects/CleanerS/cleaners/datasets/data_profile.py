"""Under which rules the volumes of a data set were made, by name.

The rules themselves are in ``cleaners.data_preparation.profile``.
"""

import logging
import os.path as osp
from collections.abc import Mapping, Sequence
from typing import Optional

import numpy as np
from mmengine.logging import print_log

from ..fileio.npz_file import read_npz
from ..geometry.tsdf import occlusion_label_weights
from ..utils.errors import InputError

SKETCH = '3dsketch'
ADASSC = 'adassc'
# what no record names, and no rule tells
UNKNOWN = 'unknown'
PROFILES = (SKETCH, ADASSC, UNKNOWN)
# frames that are looked at, spread over the list
_NUM_LOOKED_AT = 3


def check_profile_name(name: str) -> None:
    """Refuse the name of a profile that there is not.

    Raises:
        InputError: If there is none of that name.
    """
    if name not in PROFILES:
        raise InputError(
            f"metainfo names the unknown profile '{name}'; "
            f'choose one of {", ".join(PROFILES)}'
        )


def guess_profile(
    data_root: str, frames: Sequence[dict], num_voxels: int, ignore_index: int
) -> str:
    """Tell the profile of a data set that does not name it.

    The 3D-Sketch release is known by its label weights, which follow from
    label and TSDF; a few frames are looked at.

    Args:
        data_root (str): Holds ``TSDF`` and ``Label``.
        frames (Sequence[dict]): As in an annotation file.
        num_voxels (int): Of each array.
        ignore_index (int): Label of what does not count.

    Returns:
        str: '3dsketch', or 'unknown', with a warning.
    """
    count = min(_NUM_LOOKED_AT, len(frames))
    chosen = np.linspace(0, len(frames) - 1, count).astype(int)
    if all(
        _has_sketch_weights(data_root, frames[i], num_voxels, ignore_index)
        for i in chosen
    ):
        return SKETCH
    print_log(
        f"'{data_root}' does not say by which rules it was made, and its "
        f'label weights are not those of {SKETCH}: {UNKNOWN!r}. A network '
        'that was trained on other rules scores less on it than it could; if '
        f"you know the rules, set metainfo=dict(profile='{ADASSC}')",
        logger='current',
        level=logging.WARNING,
    )
    return UNKNOWN


def _has_sketch_weights(
    data_root: str, frame: dict, num_voxels: int, ignore_index: int
) -> bool:
    """Whether the weights of a frame are what label and TSDF give."""
    tsdf_name, label_name = frame.get('tsdf_path'), frame.get('label_path')
    if tsdf_name is None or label_name is None:
        return False
    # beside the data, never the twin's TSDF: weights follow the sensor's
    volumes = osp.join(data_root, 'TSDF', tsdf_name)
    labels = osp.join(data_root, 'Label', label_name)
    try:
        tsdf = read_npz(volumes, 'arr_0', num_voxels)
        weight = read_npz(volumes, 'arr_1', num_voxels)
        label = read_npz(labels, 'arr_0', num_voxels)
    except (ValueError, FileNotFoundError):
        # loading the frame says what is wrong with it
        return False
    return np.array_equal(weight, occlusion_label_weights(label, tsdf, ignore_index))


def checkpoint_profile(meta: Mapping) -> Optional[str]:
    """Profile of the data that a network was trained on.

    Args:
        meta (Mapping): Of a checkpoint.

    Returns:
        str | None: None where the checkpoint does not name one.
    """
    return (meta.get('dataset_meta') or {}).get('profile')


def check_profile(
    trained: Optional[str], given: Optional[str], network: str, data: str
) -> str:
    """Refuse data of other rules than those that a network was trained on.

    Args:
        trained (str, optional): Profile of the network.
        given (str, optional): Profile of the data.
        network (str): What the network is, for the message.
        data (str): What the data are, for the message.

    Returns:
        str: A warning where one of the two is not known, else ''. A network
        or data without any profile are let pass.

    Raises:
        InputError: If both are known and differ.
    """
    if trained is None or given is None or trained == given:
        return ''
    told = (
        f'{network} was trained on data of profile {trained!r}, but '
        f'{data} of profile {given!r}'
    )
    if UNKNOWN in (trained, given):
        return f'{told}: whether they fit together is not known'
    raise InputError(
        f'{told}: their volumes follow other rules; make the data '
        f'with --profile {trained}, or use a checkpoint that was trained on '
        f'{given} (docs/conventions.md)'
    )
