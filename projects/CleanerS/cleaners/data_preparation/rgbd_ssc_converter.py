"""Frames of anyone's RGB-D camera, with or without labels."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Optional, Sequence, Tuple

import numpy as np

from ..fileio.camera_file import (camera_path, check_camera, read_intrinsics,
                                  read_pose)
from ..fileio.depth_file import decode_depth_file, encode_depth
from ..fileio.depth_scale import DepthCode, check_depth_code, depth_to_metres
from ..fileio.image_file import (decode_photo, encode_png, exif_orientation,
                                 read_bytes)
from ..geometry.camera import Intrinsics
from .dataset_layout import DatasetLayout, make_layout
from .frame_record import FrameInputs
from .frame_writer import FrameData, ImageFile, ensure_frame
from .label_classes import read_labels
from .profile import SKETCH, Profile
from .rgbd_frame import ViewOptions, make_rgbd_frame, match_photo
from .rgbd_notes import reading_notes
from .rgbd_sources import Sources, find_frames, find_labels
from .split_converter import Share, convert_splits


class RGBDOptions(NamedTuple):
    """What a user can say of the camera.

    Attributes:
        intrinsics (str): 'fx,fy,cx,cy' or a file, or a folder with one file
            a frame; in pixels of the photo.
        pose (str, optional): A file with the camera-to-world matrix (metres,
            Z up, the floor at 0), or a folder with one file a frame. The
            world is turned by quarter turns about Z until the camera looks
            along Y. Defaults to None: estimated.
        gravity (Sequence[float], optional): As in ``estimate_view``.
        camera_height (float, optional): As in ``estimate_view``.
        depth_scale (float, optional): Depth values to a metre. Defaults to
            None: floats are metres, integers millimetres.
        is_rotated (bool): Whether depth is coded like NYU's. Defaults to
            False.
        fit (str): As in ``fit_image``. Defaults to 'pad'.
        force (bool): Go on where intrinsics and photo, or depth and its
            code, seem not to belong together. Defaults to False.
        profile (Profile): Rules of the volumes; the intrinsics are the own
            camera's. Defaults to those of the 3D-Sketch release.
    """

    intrinsics: str
    pose: Optional[str] = None
    gravity: Optional[Sequence[float]] = None
    camera_height: Optional[float] = None
    depth_scale: Optional[float] = None
    is_rotated: bool = False
    fit: str = 'pad'
    force: bool = False
    profile: Profile = SKETCH

    @property
    def depth_code(self) -> DepthCode:
        """DepthCode: How depth images code metres."""
        return DepthCode(self.depth_scale, self.is_rotated)


class OwnLabels(NamedTuple):
    """Ground truth that a user has.

    Attributes:
        path (Path): A file, or a folder of them, as in ``find_labels``.
        classes (tuple[str, ...]): Their names, the empty class first.
        split (str): 'train' or 'test', where the frames go.
    """

    path: Path
    classes: Tuple[str, ...]
    split: str = 'test'


def convert_rgbd(rgb: Path,
                 depth: Path,
                 out_dir: Path,
                 options: RGBDOptions,
                 share: Share = Share(),
                 labels: Optional[OwnLabels] = None) -> bool:
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
    if options.depth_scale is not None and not (0 < options.depth_scale <
                                                np.inf):
        raise ValueError('--depth-scale should be positive, but got '
                         f'{options.depth_scale}')
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
        convert_frame,
        sources=sources,
        layout=layout,
        options=options,
        split=split)
    jobs = {split: (sorted(sources.photos), convert)}
    # whatever is said of the camera is said of frames one by one
    settings = dict(profile=options.profile.name)
    if classes:
        settings['classes'] = list(classes)
    return convert_splits(layout, settings, jobs, share)


def _add_labels(sources: Sources, labels: OwnLabels, layout: DatasetLayout,
                options: RGBDOptions) -> Sources:
    """Sources with labels, if these can be used."""
    if not options.pose:
        raise ValueError(
            f'--labels {labels.path}: give --pose, too; labels are in the '
            "frame's grid, which follows from the pose, and an estimated one "
            'would not be that of the labels')
    for split, info in layout.listed_frames():
        if split != labels.split and info['sample_idx'] in sources.photos:
            raise ValueError(
                f"{layout.annotation_file(split)}: has {info['sample_idx']!r}"
                f' already, which cannot be in {labels.split}, too; give it '
                'another name or another --out-dir')
    return sources._replace(labels=find_labels(labels.path, sources.photos))


def convert_frame(sample_idx: str,
                  sources: Sources,
                  layout: DatasetLayout,
                  options: RGBDOptions,
                  split: str = 'test') -> dict:
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
        layout, split, sample_idx, list_inputs(sample_idx, sources, options),
        partial(_read_frame, sample_idx, sources, options, layout.classes),
        options.profile)


def list_inputs(sample_idx: str, sources: Sources,
                options: RGBDOptions) -> FrameInputs:
    """List what a frame is made from.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are.
        options (RGBDOptions): What is known of the camera.

    Returns:
        FrameInputs: Where intrinsics and pose are files, their content
        counts, not their name.
    """
    files = dict(
        photo=sources.photos[sample_idx], depth=sources.depths[sample_idx])
    if sources.labels:
        files['labels'] = sources.labels[sample_idx]
    said = options._asdict()
    # it decides whether there is a frame, not what is in it
    del said['force']
    # the same for all frames
    del said['profile']
    for kind in ('intrinsics', 'pose'):
        if said[kind] and camera_path(said[kind], sample_idx).is_file():
            files[kind] = camera_path(said.pop(kind), sample_idx)
    return FrameInputs(files, said)


def _read_frame(sample_idx: str, sources: Sources, options: RGBDOptions,
                classes: Tuple[str, ...]) -> FrameData:
    """Photo, depth and camera of a frame, in the sizes of NYU."""
    path = sources.photos[sample_idx]
    photo = decode_photo(path, read_bytes(path, 'photo'))
    pose = options.pose and read_pose(options.pose, sample_idx)
    labels = None
    if sources.labels:
        labels = read_labels(sources.labels[sample_idx], classes)
    depth = _read_depth(sources, sample_idx, photo.shape[:2], options)
    intrinsics = _read_camera(sample_idx, photo.shape[:2], options)
    try:
        frame = make_rgbd_frame(
            photo, depth, intrinsics,
            ViewOptions(pose, options.gravity, options.camera_height,
                        options.fit, options.force))
    except ValueError as error:
        raise ValueError(f'{sources.depths[sample_idx]}: {error}') from error
    if frame.estimate is not None:
        print(f'{sample_idx}: {frame.estimate}', flush=True)
    return FrameData(
        frame.view,
        ImageFile(encode_png(frame.photo)),
        ImageFile(encode_png(encode_depth(frame.depth_mm))),
        frame.depth_mm,
        labels=labels,
        view_size=frame.view_size)


def _read_camera(sample_idx: str, photo_size: Tuple[int, int],
                 options: RGBDOptions) -> Intrinsics:
    """Intrinsics that fit the photo."""
    camera = read_intrinsics(options.intrinsics, sample_idx)
    try:
        if not options.force:
            check_camera(camera, photo_size)
    except ValueError as error:
        raise ValueError(
            f'intrinsics {camera_path(options.intrinsics, sample_idx)}: '
            f'{error} (--force takes them as they are)') from error
    return camera.intrinsics


def _read_depth(sources: Sources, sample_idx: str, photo_size: Tuple[int, int],
                options: RGBDOptions) -> np.ndarray:
    """Depth in metres, at the size of the photo."""
    path = sources.depths[sample_idx]
    stored = decode_depth_file(path, read_bytes(path, 'depth image'))
    try:
        stored = match_photo(stored, photo_size)
    except ValueError as error:
        raise ValueError(
            f'{path}: {error}'
            f'{_exif_hint(sources.photos[sample_idx])}') from error
    try:
        check_depth_code(stored, options.depth_code, options.force)
        return depth_to_metres(stored, options.depth_code)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error


def _exif_hint(photo: Path) -> str:
    """How the photo was turned before it was compared."""
    orientation = exif_orientation(photo)
    if orientation == 1:
        return ''
    return f' (the photo is turned as its EXIF orientation {orientation} says)'
