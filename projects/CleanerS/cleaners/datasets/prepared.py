"""What ``tools/create_data.py`` leaves in the folder of a data set."""

import os.path as osp
import shlex
from glob import escape, glob
from typing import Any

from ..fileio.json_file import read_object
from ..utils.errors import InputError

SPLITS = ('train', 'test')
_POSE_KEYS = ('cam2world', 'cam2img', 'voxel_origin')


def is_prepared(data_root: str) -> bool:
    """Whether a folder was made by ``tools/create_data.py``."""
    return osp.isdir(osp.join(data_root, 'Frames')) or bool(
        _names(data_root, '*_settings.json')
    )


def annotation_files(data_root: str) -> list[str]:
    """Names of the annotation files in a folder, sorted."""
    return _names(data_root, '*_infos_*.json')


def read_settings(data_root: str) -> dict:
    """What determined the frames of a prepared data set.

    Args:
        data_root (str): Folder of the data set.

    Returns:
        dict: Without the place of the clean twin; {} where no single file
        says it.
    """
    names = _names(data_root, '*_settings.json')
    if len(names) != 1:
        return {}
    settings = read_object(osp.join(data_root, names[0]))
    settings.pop('twin', None)
    return settings


def read_annotations(path: str) -> dict:
    """Read an annotation file.

    Args:
        path (str): The file.

    Returns:
        dict: ``metainfo`` (dict) and ``data_list``, at least one dict, each
        with the name of its frame, ``sample_idx``.

    Raises:
        InputError: If it holds something else, or no frame.
    """
    content = read_object(path)
    frames = content.get('data_list')
    if (
        not isinstance(content.get('metainfo'), dict)
        or not isinstance(frames, list)
        or not all(isinstance(f, dict) for f in frames)
    ):
        raise InputError(
            f"'{path}' should hold 'metainfo' (an object) and "
            "'data_list' (a list of objects, one a frame)"
        )
    if not frames:
        raise InputError(
            f"annotation file '{path}' lists no frame: choose "
            'another ann_file, or prepare frames of that split'
        )
    for frame in frames:
        if not isinstance(frame.get('sample_idx'), str):
            raise InputError(
                f"'{path}': a frame has no 'sample_idx', its name as a text: {frame}"
            )
    return content


def recorded_twin(data_root: str) -> str:
    """Return where a data set says that its clean twin is.

    Args:
        data_root (str): Folder of the data set.

    Returns:
        str: Relative to it; '' if it does not say.
    """
    for name in annotation_files(data_root):
        # a list may be empty, which only matters to who reads its frames
        metainfo = read_object(osp.join(data_root, name)).get('metainfo')
        return metainfo.get('twin', '') if isinstance(metainfo, dict) else ''
    return ''


def read_poses(path: str) -> dict[str, dict]:
    """Read camera and grid of each frame, as ``tsdf-cad`` writes them.

    Returns:
        dict[str, dict]: By frame; ``cam2world``, ``cam2img`` and
        ``voxel_origin``.

    Raises:
        InputError: If there is no such file, or it is something else.
    """
    frames = read_object(path).get('frames')
    if not isinstance(frames, dict) or not all(
        isinstance(pose, dict) and set(_POSE_KEYS) <= set(pose)
        for pose in frames.values()
    ):
        raise InputError(
            f"'{path}' should hold 'frames', an object with "
            f'{", ".join(_POSE_KEYS)} of each, as the poses.json '
            'of tools/create_data.py tsdf-cad does'
        )
    return {
        name: {key: pose[key] for key in _POSE_KEYS} for name, pose in frames.items()
    }


def check_scannable(data_root: str, ann_file: str) -> None:
    """Refuse to look for frames where an annotation file should list them.

    A scan takes whatever is there, also half of a data set.

    Args:
        data_root (str): Folder of the data set.
        ann_file (str): The annotation file that is missing; '' if none was
            named.

    Raises:
        InputError: If the folder was made by ``tools/create_data.py``, or a
            file was named and others are there.
    """
    found = annotation_files(data_root)
    made = is_prepared(data_root)
    if not made and not (ann_file and found):
        return
    told = f"annotation file '{ann_file}' not found"
    if not ann_file:
        told = f"'{data_root}' is listed by annotation files: set ann_file"
    if found:
        told += f'; there are {", ".join(found)}'
    if made:
        told += (
            '; if the data set is unfinished, run its command of '
            'tools/create_data.py again, or join its shards: '
            f'tools/create_data.py merge {shlex.quote(data_root)}'
        )
    raise InputError(told)


def _names(data_root: str, pattern: str) -> list[str]:
    """Names of the files in a folder, sorted."""
    paths = glob(osp.join(escape(data_root), pattern))
    return sorted(osp.basename(path) for path in paths)


def as_tuples(value: Any) -> Any:
    """Turn lists into tuples, also inside of lists."""
    if isinstance(value, list):
        return tuple(map(as_tuples, value))
    return value
