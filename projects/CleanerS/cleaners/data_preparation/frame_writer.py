"""One frame of a data set: its volumes, and all its files."""

import hashlib
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Callable, NamedTuple, Optional

import numpy as np

from ..datasets import nyu
from ..fileio.npz_file import encode_npz
from ..geometry.voxel_grid import GridView, downsample_labels
from .dataset_layout import DatasetLayout
from .frame_record import FrameInputs, is_made_from, read_record
from .output_files import link_file, remove_file, write_file, write_json
from .profile import Profile

# given a stage's name, the context that its work runs in
Stage = Callable[[str], AbstractContextManager]


class ImageFile(NamedTuple):
    """An image as a PNG file.

    Attributes:
        content (bytes): The file.
        source (Path, optional): Where it was read, to be linked; None for
            an image that is no file yet.
    """

    content: bytes
    source: Optional[Path] = None


class FrameData(NamedTuple):
    """What a frame is made of.

    Attributes:
        view (GridView): Camera and grid.
        rgb (ImageFile): The colour image.
        depth (ImageFile): The sensor depth, in the code of NYU.
        depth_mm (np.ndarray): (480, 640) uint16, sensor depth, millimetres;
            0 means "not measured".
        labels (np.ndarray, optional): uint8, a class or 255, (240, 144, 240)
            or already of blocks, (60, 36, 60).
        cad_depth_mm (np.ndarray, optional): (480, 640) uint16, clean depth.
        is_clean (bool): Whether ``depth_mm`` is clean depth itself. Defaults
            to False.
        view_size (tuple[int, int], optional): Rows and columns, from the top
            left, that the sensor covers; None for all.
    """

    view: GridView
    rgb: ImageFile
    depth: ImageFile
    depth_mm: np.ndarray
    labels: Optional[np.ndarray] = None
    cad_depth_mm: Optional[np.ndarray] = None
    is_clean: bool = False
    view_size: Optional[tuple[int, int]] = None


def ensure_frame(
    layout: DatasetLayout,
    split: str,
    sample_idx: str,
    inputs: FrameInputs,
    make: Callable[[], FrameData],
    profile: Profile,
    transfer: str = 'copy',
    stage: Stage = nullcontext,
) -> dict:
    """Make a frame, unless it is there and was made from the same.

    Args:
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        sample_idx (str): Of the frame, such as 'NYU0003'.
        inputs (FrameInputs): What it is made from.
        make (Callable): Reads them, without computing volumes.
        profile (Profile): Rules of the volumes.
        transfer (str): How images that are files come there: 'copy',
            'symlink' or 'hardlink'. Defaults to 'copy'.
        stage (Callable): Wraps each stage of the work, to measure it.

    Returns:
        dict: The record, see ``read_record``.

    Raises:
        ValueError: If the depth image sees no voxel; whatever ``make``
            raises.
        WriteError: If a file cannot be written.
    """
    with stage('read'):
        # before they are read: what changes in between is found next time
        found = inputs.describe()
        record = read_record(layout, split, sample_idx)
    # a record without it has images that are no files
    if is_made_from(record, found) and record.get('transfer', transfer) == transfer:
        return record
    frame = make()
    volumes = _compute(frame, layout.num_classes, profile, stage)
    with stage('write'):
        # while files are replaced, none is finished
        remove_file(layout.record_file(sample_idx))
        contents = _write_files(
            layout.frame_files(split, sample_idx), frame, volumes, transfer
        )
        record = _make_record(layout, split, sample_idx, frame, contents)
        record['inputs'] = found
        if frame.rgb.source or frame.depth.source:
            record['transfer'] = transfer
        write_json(layout.record_file(sample_idx), record)
    return record


def _write_files(
    files: dict[str, Path], frame: FrameData, volumes: dict[str, tuple], transfer: str
) -> dict[str, bytes]:
    """Write all files of a frame; returns what is in them."""
    images = dict(img_path=frame.rgb, depth_path=frame.depth)
    contents = {key: image.content for key, image in images.items()}
    for key, arrays in volumes.items():
        contents[key] = encode_npz([array.ravel() for array in arrays])
    for key, path in files.items():
        image = images.get(key, ImageFile(b''))
        if transfer == 'copy' or image.source is None:
            write_file(path, contents[key])
        else:
            link_file(path, image.source, transfer)
    return contents


def _compute(
    frame: FrameData, num_classes: int, profile: Profile, stage: Stage
) -> dict[str, tuple]:
    """Arrays of every file of volumes."""
    view, label = frame.view, None
    if frame.labels is not None:
        with stage('labels'):
            label = _block_labels(frame.labels, num_classes)
    with stage('sensor'):
        volumes_of = profile.clean_volumes if frame.is_clean else profile.sensor_volumes
        sensor = volumes_of(frame.depth_mm, view)
    if not (sensor.mapping < frame.depth_mm.size).any():
        raise ValueError(
            'its depth image sees no voxel of the grid: nothing is measured, '
            'or depth scale, intrinsics or pose do not fit'
        )
    volumes: dict[str, tuple] = dict(mapping_path=(sensor.mapping,))
    if label is None:
        return dict(volumes, tsdf_path=(sensor.tsdf,))
    weight = profile.label_weights(label, sensor)
    volumes.update(tsdf_path=(sensor.tsdf, weight), label_path=(label,))
    if frame.cad_depth_mm is not None:
        with stage('cad_tsdf'):
            # teacher and student count the same voxels
            clean = profile.clean_volumes(frame.cad_depth_mm, view).tsdf
            volumes['tsdf_cad_path'] = (clean, weight)
    return volumes


def _block_labels(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Labels of blocks; those that are so already stay."""
    if labels.shape == nyu.GRID.shape:
        return labels
    return downsample_labels(labels, nyu.BLOCK, num_classes, nyu.IGNORE_INDEX)


def _make_record(
    layout: DatasetLayout,
    split: str,
    sample_idx: str,
    frame: FrameData,
    contents: dict[str, bytes],
) -> dict:
    """What is known of a finished frame."""
    view = frame.view
    files = layout.frame_files(split, sample_idx)
    names: dict[str, Optional[str]] = {key: path.name for key, path in files.items()}
    # a frame without them says so, and then no transform looks for them
    names.setdefault('label_path', None)
    if frame.is_clean:
        names.setdefault('tsdf_cad_path', names['tsdf_path'])
    info = dict(
        sample_idx=sample_idx,
        **names,
        cam2img=view.intrinsics.cam2img.tolist(),
        cam2world=view.cam2world.tolist(),
        voxel_origin=view.voxel_origin.tolist(),
    )
    if frame.view_size is not None:
        info['view_size'] = list(frame.view_size)
    checksums = {
        layout.relative(path): hashlib.sha256(contents[key]).hexdigest()
        for key, path in files.items()
    }
    return dict(split=split, info=info, files=checksums)
