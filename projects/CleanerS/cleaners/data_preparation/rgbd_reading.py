"""Frames of anyone's RGB-D camera, read from their files."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ..fileio.camera_file import (
    CameraFile,
    camera_path,
    check_camera,
    read_intrinsics,
    read_pose,
)
from ..fileio.depth_file import decode_depth_file
from ..fileio.depth_scale import DepthCode, stored_to_metres
from ..fileio.image_file import decode_photo, exif_orientation, read_bytes
from .profile import SKETCH, Profile
from .rgbd_frame import RGBDFrame, ViewOptions, make_rgbd_frame, match_photo
from .rgbd_sources import Sources


class RGBDOptions(NamedTuple):
    """What a user can say of the camera.

    Attributes:
        intrinsics (str, optional): 'fx,fy,cx,cy' or a file, or a folder with
            one file a frame; in pixels of the photo. None where they come
            with each frame.
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

    intrinsics: Optional[str]
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
        """DepthCode: How depth images code metres.

        Raises:
            ValueError: If the scale is no scale.
        """
        scale = self.depth_scale
        if scale is not None and not 0 < scale < np.inf:
            raise ValueError(f'--depth-scale should be positive, got {scale}')
        return DepthCode(self.depth_scale, self.is_rotated)


class StoredFile(NamedTuple):
    """A file that was read.

    Attributes:
        path (Path): Where it lies, or just its name, whose ending tells what
            it is.
        content (bytes): What is in it.
    """

    path: Path
    content: bytes


class FrameFiles(NamedTuple):
    """What the files of a frame hold.

    Attributes:
        photo (StoredFile, optional): None of a frame without photo.
        depth (StoredFile): The depth image.
        camera (CameraFile): In pixels of the photo.
        camera_name (str): Where the camera is from, for messages.
        pose (np.ndarray, optional): (4, 4), as in :obj:`ViewOptions`; None
            where it is estimated.
    """

    photo: Optional[StoredFile]
    depth: StoredFile
    camera: CameraFile
    camera_name: str
    pose: Optional[np.ndarray] = None


def read_rgbd_frame(
    sample_idx: str, sources: Sources, options: RGBDOptions
) -> RGBDFrame:
    """Read photo, depth and camera of a frame, and place its box.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are; it may have no photo.
        options (RGBDOptions): What is known of the camera.

    Returns:
        RGBDFrame: In the sizes of NYU.

    Raises:
        FileNotFoundError: If a file of the frame is missing.
        ValueError: As :func:`decode_rgbd_frame`.
    """
    photo, depth = sources.photos.get(sample_idx), sources.depths[sample_idx]
    if options.intrinsics is None:
        raise ValueError(f'{depth}: no intrinsics of the camera; give --intrinsics')
    files = FrameFiles(
        None if photo is None else StoredFile(photo, read_bytes(photo, 'photo')),
        StoredFile(depth, read_bytes(depth, 'depth image')),
        read_intrinsics(options.intrinsics, sample_idx),
        str(camera_path(options.intrinsics, sample_idx)),
        read_pose(options.pose, sample_idx) if options.pose else None,
    )
    return decode_rgbd_frame(files, options)


def decode_rgbd_frame(files: FrameFiles, options: RGBDOptions) -> RGBDFrame:
    """Make a frame of files that were read before, and place its box.

    Args:
        files (FrameFiles): With camera and pose, in place of those that the
            options name.
        options (RGBDOptions): What else is known of the camera.

    Returns:
        RGBDFrame: In the sizes of NYU.

    Raises:
        ValueError: If a file is broken, they do not belong together, or the
            frame shows no room.
    """
    photo = None if files.photo is None else decode_photo(*files.photo)
    depth = _decode_depth(files, photo, options)
    if not options.force:
        check_camera(files.camera, depth.shape, f'intrinsics {files.camera_name}')
    try:
        return make_rgbd_frame(
            photo,
            depth,
            files.camera.intrinsics,
            ViewOptions(
                files.pose,
                options.gravity,
                options.camera_height,
                options.fit,
                options.force,
            ),
        )
    except ValueError as error:
        raise ValueError(f'{files.depth.path}: {error}') from error


def _decode_depth(
    files: FrameFiles, photo: Optional[np.ndarray], options: RGBDOptions
) -> np.ndarray:
    """Depth in metres, at the size of the photo, where there is one."""
    path = files.depth.path
    stored = decode_depth_file(*files.depth)
    if photo is not None:
        try:
            stored = match_photo(stored, photo.shape[:2])
        except ValueError as error:
            raise ValueError(f'{path}: {error}{_exif_hint(files.photo)}') from error
    return stored_to_metres(path, stored, options.depth_code, options.force)


def _exif_hint(photo: Optional[StoredFile]) -> str:
    """How the photo was turned before it was compared."""
    if photo is None:
        return ''
    orientation = exif_orientation(BytesIO(photo.content))
    if orientation == 1:
        return ''
    return f' (the photo is turned as its EXIF orientation {orientation} says)'
