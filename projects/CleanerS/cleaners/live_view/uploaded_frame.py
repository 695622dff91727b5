"""From uploaded files to a completed scene; nothing touches the disk."""

import re
from pathlib import Path
from typing import NamedTuple, Optional

from ..apis.scene_files import scene_view
from ..apis.scene_knowledge import held_surface
from ..apis.ssc_inferencer import SSCInferencer
from ..data_preparation.rgbd_notes import frame_notes
from ..data_preparation.rgbd_reading import (
    FrameFiles,
    RGBDOptions,
    StoredFile,
    decode_rgbd_frame,
)
from ..fileio.camera_file import (
    CameraFile,
    decode_intrinsics,
    read_intrinsics,
    read_pose,
)
from ..geometry.plausibility import check_camera_height
from ..geometry.pose import check_pose
from ..geometry.room_axes import check_gravity
from ..utils.errors import InputError, values_are_input
from ..visualization.scene_view import SceneView

# bytes of a file: a depth image of 8 million pixels as float64
MAX_UPLOAD = 64 * 2**20
_MAX_NAME = 80


class FrameUploads(NamedTuple):
    """What a user has given.

    Attributes:
        photo (StoredFile, optional): None for depth alone.
        depth (StoredFile, optional): The depth image.
        camera (StoredFile, optional): Its intrinsics, as a file.
        intrinsics (str): The same as text: four numbers or a matrix. Where
            it is not blank it counts, not the file.
    """

    photo: Optional[StoredFile] = None
    depth: Optional[StoredFile] = None
    camera: Optional[StoredFile] = None
    intrinsics: str = ''


class CompletedFrame(NamedTuple):
    """What is shown of a completed frame.

    Attributes:
        view (SceneView): The scene.
        lines (list[str]): How the files were read, what the pose is taken
            from, and how much of the visible surface the scene holds.
    """

    view: SceneView
    lines: list[str]


def take_upload(name: str, content: bytes) -> StoredFile:
    """Accept a file that somebody sent.

    Args:
        name (str): What the sender calls it. Of it only the ending means
            something; the rest is for messages, of one line each.
        content (bytes): What is in it.

    Returns:
        StoredFile: Its path is a name without folders.

    Raises:
        InputError: If it is too large.
    """
    check_upload_size(name, len(content))
    return StoredFile(_plain_name(name), content)


def check_upload_size(name: str, num_bytes: int) -> None:
    """Refuse a file that is too large.

    Args:
        name (str): As in :func:`take_upload`.
        num_bytes (int): Its size.

    Raises:
        InputError: If that is more than ``MAX_UPLOAD``.
    """
    if num_bytes > MAX_UPLOAD:
        raise InputError(
            f'{_plain_name(name)}: {num_bytes / 2**20:.0f} MiB '
            f'are too many, {MAX_UPLOAD // 2**20} MiB are '
            'accepted'
        )


def check_options(options: RGBDOptions) -> None:
    """Refuse options that no frame could be completed with.

    Args:
        options (RGBDOptions): As of :func:`complete_uploads`.

    Raises:
        InputError: If the depth scale is none, or intrinsics, pose, gravity
            or height of the camera are broken.
        FileNotFoundError: If they are not there.
    """
    with values_are_input():
        _ = options.depth_code
        if options.intrinsics is not None:
            read_intrinsics(options.intrinsics, '')
        if options.pose is not None:
            check_pose(read_pose(options.pose, ''))
        if options.gravity is not None:
            check_gravity(options.gravity)
        if options.camera_height is not None:
            check_camera_height(options.camera_height)


def complete_uploads(
    infer: SSCInferencer,
    uploads: FrameUploads,
    options: RGBDOptions,
    without_photo: Optional[SSCInferencer] = None,
) -> CompletedFrame:
    """Complete a frame.

    Args:
        infer (SSCInferencer): The network.
        uploads (FrameUploads): Its files.
        options (RGBDOptions): What else is known of the camera. Its
            intrinsics stand in where no others are given; may be None.
        without_photo (SSCInferencer, optional): The network for frames
            without photo. Defaults to None: the same.

    Returns:
        CompletedFrame: The scene.

    Raises:
        InputError: If something is missing.
        ValueError: As :func:`decode_rgbd_frame`.
        FileNotFoundError: If there is no such file as the options name.
    """
    if uploads.depth is None:
        raise InputError('no depth image yet; upload one')
    camera, name = _camera_of(uploads, options)
    files = FrameFiles(
        uploads.photo,
        uploads.depth,
        camera,
        name,
        read_pose(options.pose, '') if options.pose else None,
    )
    lines = frame_notes(files, options.depth_code)
    frame = decode_rgbd_frame(files, options)
    if frame.estimate is not None:
        lines.append(str(frame.estimate))
    if frame.photo is None and without_photo is not None:
        infer = without_photo
    sample = infer.complete(frame)
    lines.append(
        f'{held_surface(sample):.1f} % of the visible surface lies '
        'within a voxel of the scene'
    )
    return CompletedFrame(scene_view(sample), lines)


def _camera_of(uploads: FrameUploads, options: RGBDOptions) -> tuple[CameraFile, str]:
    """Intrinsics, and where they are from."""
    if uploads.intrinsics.strip():
        # never taken for a path: whoever writes it may not read files here
        name, content = Path('K'), uploads.intrinsics.encode()
    elif uploads.camera is not None:
        name, content = uploads.camera
    elif options.intrinsics is not None:
        return read_intrinsics(options.intrinsics, ''), options.intrinsics
    else:
        raise InputError(
            'no intrinsics yet; upload a camera file, or write fx, fy, cx, cy'
        )
    return decode_intrinsics(name, content), str(name)


def _plain_name(name: str) -> Path:
    """A name without folders, control characters and excess."""
    last = re.split(r'[/\\]', name)[-1]
    path = Path(re.sub(r'[^\w.()+ -]', '_', last).strip('. ') or '_')
    return path.with_name(path.stem[:_MAX_NAME] + path.suffix[:_MAX_NAME])
