"""Frames of anyone's RGB-D camera, with or without labels."""

import os.path as osp
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Optional

from ..fileio.camera_file import camera_path
from ..fileio.depth_file import encode_depth
from ..fileio.image_file import encode_png
from .dataset_layout import DatasetLayout, make_layout
from .frame_record import FrameInputs
from .frame_writer import FrameData, ImageFile, ensure_frame
from .label_classes import read_labels
from .rgbd_notes import reading_notes
from .rgbd_reading import RGBDOptions, read_rgbd_frame
from .rgbd_sources import Sources, find_frames, find_labels
from .split_converter import Share, convert_splits


class OwnLabels(NamedTuple):
    """Ground truth that a user has.

    Attributes:
        path (Path): A file, or a folder of them, as in ``find_labels``.
        classes (tuple[str, ...]): Their names, the empty class first.
        split (str): 'train' or 'test', where the frames go.
    """

    path: Path
    classes: tuple[str, ...]
    split: str = 'test'


def convert_rgbd(
    rgb: Path,
    depth: Path,
    out_dir: Path,
    options: RGBDOptions,
    share: Share = Share(),
    labels: Optional[OwnLabels] = None,
) -> bool:
    """Prepare one frame, or all frames of two folders, as one split.

    Args:
        rgb (Path): A photo, or a folder of them.
        depth (Path): A depth image that is aligned with the photo, or a
            folder of them.
        out_dir (Path): Folder of the data set.
        options (RGBDOptions): What is known of the camera.
        share (Share): Processes, and the shard. Defaults to one.
        labels (OwnLabels, optional): Ground truth, and the split. Defaults
            to None: none, split 'test'.

    Returns:
        bool: Whether all frames were prepared.

    Raises:
        FileNotFoundError: If there are no frames.
        ValueError: If photos and depth images do not belong together, or an
            option makes no sense.
    """
    sources = find_frames(rgb, depth)
    for note in reading_notes(sources, options.intrinsics, options.depth_code):
        print(note)
    layout = make_layout(out_dir, 'rgbd')
    split = labels.split if labels else 'test'
    classes = labels.classes if labels else ()
    if labels:
        sources = _add_labels(sources, labels, layout, options)
    layout = replace(layout, classes=classes)
    convert = partial(
        convert_frame, sources=sources, layout=layout, options=options, split=split
    )
    jobs = {split: (sorted(sources.photos), convert)}
    # whatever is said of the camera is said of frames one by one
    settings: dict[str, Any] = dict(profile=options.profile.name)
    if classes:
        settings['classes'] = list(classes)
    return convert_splits(layout, settings, jobs, share)


def _add_labels(
    sources: Sources, labels: OwnLabels, layout: DatasetLayout, options: RGBDOptions
) -> Sources:
    """Sources with labels, if these can be used."""
    if not options.pose:
        raise ValueError(
            f'--labels {labels.path}: give --pose, too; labels are in the '
            "frame's grid, which follows from the pose, and an estimated one "
            'would not be that of the labels'
        )
    for split, info in layout.listed_frames():
        if split != labels.split and info['sample_idx'] in sources.photos:
            raise ValueError(
                f'{layout.annotation_file(split)}: has {info["sample_idx"]!r}'
                f' already, which cannot be in {labels.split}, too; give it '
                'another name or another --out-dir'
            )
    return sources._replace(labels=find_labels(labels.path, sources.photos))


def convert_frame(
    sample_idx: str,
    sources: Sources,
    layout: DatasetLayout,
    options: RGBDOptions,
    split: str = 'test',
) -> dict:
    """Prepare one frame, unless that was done before from the same.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are.
        layout (DatasetLayout): Where to.
        options (RGBDOptions): What is known of the camera.
        split (str): 'train' or 'test'. Defaults to 'test'.

    Returns:
        dict: Its record.

    Raises:
        FileNotFoundError: If a file of the frame is missing.
        ValueError: If one is broken, or the pose cannot be estimated.
    """
    return ensure_frame(
        layout,
        split,
        sample_idx,
        list_inputs(sample_idx, sources, options),
        partial(_read_frame, sample_idx, sources, options, layout.classes),
        options.profile,
    )


def list_inputs(sample_idx: str, sources: Sources, options: RGBDOptions) -> FrameInputs:
    """List what a frame is made from.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are.
        options (RGBDOptions): What is known of the camera.

    Returns:
        FrameInputs: Where intrinsics and pose are files, their content
        counts, not their name.
    """
    files = dict(photo=sources.photos[sample_idx], depth=sources.depths[sample_idx])
    if sources.labels:
        files['labels'] = sources.labels[sample_idx]
    said = options._asdict()
    # it decides whether there is a frame, not what is in it
    del said['force']
    # the same for all frames
    del said['profile']
    for kind in ('intrinsics', 'pose'):
        if said[kind] and osp.isfile(camera_path(said[kind], sample_idx)):
            files[kind] = camera_path(said.pop(kind), sample_idx)
    return FrameInputs(files, said)


def _read_frame(
    sample_idx: str, sources: Sources, options: RGBDOptions, classes: tuple[str, ...]
) -> FrameData:
    """Photo, depth, camera and labels of a frame, in the sizes of NYU."""
    labels = None
    if sources.labels:
        labels = read_labels(sources.labels[sample_idx], classes)
    frame = read_rgbd_frame(sample_idx, sources, options)
    if frame.photo is None:
        raise ValueError(f'{sample_idx}: a frame of a data set needs a photo')
    if frame.estimate is not None:
        print(f'{sample_idx}: {frame.estimate}', flush=True)
    return FrameData(
        frame.view,
        ImageFile(encode_png(frame.photo)),
        ImageFile(encode_png(encode_depth(frame.depth_mm))),
        frame.depth_mm,
        labels=labels,
        view_size=frame.view_size,
    )
