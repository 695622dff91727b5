"""One frame of a data set: its volumes, and all its files."""

import hashlib
from contextlib import nullcontext
from pathlib import Path
from typing import Callable, ContextManager, Dict, NamedTuple, Optional

import numpy as np

from ..datasets import nyu
from ..fileio.npz_file import encode_npz
from ..geometry.frame_volumes import coarse_tsdf, sensor_volumes
from ..geometry.tsdf import label_weights
from ..geometry.voxel_grid import GridView, downsample_labels
from ..utils.atomic_write import write_atomically
from .dataset_layout import DatasetLayout, link_atomic, write_json

# given a stage's name, the context that its work runs in
Stage = Callable[[str], ContextManager]


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
        labels (np.ndarray, optional): (240, 144, 240) uint8, 0..11 or 255.
        cad_depth_mm (np.ndarray, optional): (480, 640) uint16, clean depth.
    """

    view: GridView
    rgb: ImageFile
    depth: ImageFile
    depth_mm: np.ndarray
    labels: Optional[np.ndarray] = None
    cad_depth_mm: Optional[np.ndarray] = None


def write_frame(layout: DatasetLayout,
                split: str,
                sample_idx: str,
                frame: FrameData,
                transfer: str = 'copy',
                stage: Stage = nullcontext) -> dict:
    """Compute and write all files of a frame, its record last.

    Args:
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        sample_idx (str): Of the frame, such as 'NYU0003'.
        frame (FrameData): What to write.
        transfer (str): How images that are files come there: 'copy',
            'symlink' or 'hardlink'. Defaults to 'copy'.
        stage (Callable): Wraps each stage of the work, to measure it.

    Returns:
        dict: The record, see ``DatasetLayout.read_record``.
    """
    volumes = _compute(frame, stage)
    with stage('write'):
        files = layout.frame_files(split, sample_idx)
        images = dict(img_path=frame.rgb, depth_path=frame.depth)
        contents = {key: image.content for key, image in images.items()}
        for key, arrays in volumes.items():
            contents[key] = encode_npz([array.ravel() for array in arrays])
        for key, path in files.items():
            image = images.get(key, ImageFile(b''))
            if transfer == 'copy' or image.source is None:
                write_atomically(path, contents[key], durable=False)
            else:
                link_atomic(path, image.source, transfer)
        record = _make_record(layout, split, sample_idx, frame.view, contents)
        write_json(layout.record_file(sample_idx), record)
    return record


def _compute(frame: FrameData, stage: Stage) -> Dict[str, tuple]:
    """Arrays of every file of volumes."""
    view, label = frame.view, None
    if frame.labels is not None:
        with stage('labels'):
            label = downsample_labels(frame.labels, nyu.BLOCK, nyu.NUM_CLASSES,
                                      nyu.IGNORE_INDEX)
    with stage('sensor'):
        sensor = sensor_volumes(frame.depth_mm, view, nyu.BLOCK)
    volumes = dict(mapping_path=(sensor.mapping, ))
    if label is None:
        return dict(volumes, tsdf_path=(sensor.tsdf, ))
    weight = label_weights(label, sensor.tsdf, sensor.outside,
                           nyu.IGNORE_INDEX)
    volumes.update(tsdf_path=(sensor.tsdf, weight), label_path=(label, ))
    if frame.cad_depth_mm is not None:
        with stage('cad_tsdf'):
            # teacher and student count the same voxels
            volumes['tsdf_cad_path'] = (coarse_tsdf(frame.cad_depth_mm, view,
                                                    nyu.BLOCK), weight)
    return volumes


def _make_record(layout: DatasetLayout, split: str, sample_idx: str,
                 view: GridView, contents: Dict[str, bytes]) -> dict:
    """What is known of a finished frame."""
    files = layout.frame_files(split, sample_idx)
    names = {key: path.name for key, path in files.items()}
    # a frame without them says so, and then no transform looks for them
    names.setdefault('label_path', None)
    info = dict(
        sample_idx=sample_idx,
        **names,
        cam2img=view.intrinsics.cam2img.tolist(),
        cam2world=view.cam2world.tolist(),
        voxel_origin=view.voxel_origin.tolist())
    checksums = {
        layout.relative(path): hashlib.sha256(contents[key]).hexdigest()
        for key, path in files.items()
    }
    return dict(split=split, info=info, files=checksums)
