"""Frames of anyone's RGB-D camera, read from their files."""

from pathlib import Path
from typing import NamedTuple, Optional, Sequence, Tuple

import numpy as np

from ..fileio.camera_file import (camera_path, check_camera, read_intrinsics,
                                  read_pose)
from ..fileio.depth_file import decode_depth_file
from ..fileio.depth_scale import DepthCode, check_depth_code, depth_to_metres
from ..fileio.image_file import decode_photo, exif_orientation, read_bytes
from ..geometry.camera import Intrinsics
from .profile import SKETCH, Profile
from .rgbd_frame import RGBDFrame, ViewOptions, make_rgbd_frame, match_photo
from .rgbd_sources import Sources


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
        """DepthCode: How depth images code metres.

        Raises:
            ValueError: If the scale is no scale.
        """
        scale = self.depth_scale
        if scale is not None and not 0 < scale < np.inf:
            raise ValueError(f'--depth-scale should be positive, got {scale}')
        return DepthCode(self.depth_scale, self.is_rotated)


def read_rgbd_frame(sample_idx: str, sources: Sources,
                    options: RGBDOptions) -> RGBDFrame:
    """Read photo, depth and camera of a frame, and place its box.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are; it may have no photo.
        options (RGBDOptions): What is known of the camera.

    Returns:
        RGBDFrame: In the sizes of NYU.

    Raises:
        FileNotFoundError: If a file of the frame is missing.
        ValueError: If one is broken, they do not belong together, or the
            frame shows no room.
    """
    photo_path, photo = sources.photos.get(sample_idx), None
    if photo_path is not None:
        photo = decode_photo(photo_path, read_bytes(photo_path, 'photo'))
    pose = options.pose and read_pose(options.pose, sample_idx)
    depth_path = sources.depths[sample_idx]
    depth = _read_depth(depth_path, photo_path,
                        None if photo is None else photo.shape[:2], options)
    intrinsics = _read_camera(sample_idx, depth.shape, options)
    try:
        return make_rgbd_frame(
            photo, depth, intrinsics,
            ViewOptions(pose, options.gravity, options.camera_height,
                        options.fit, options.force))
    except ValueError as error:
        raise ValueError(f'{depth_path}: {error}') from error


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


def _read_depth(path: Path, photo_path: Optional[Path],
                photo_size: Optional[Tuple[int, int]],
                options: RGBDOptions) -> np.ndarray:
    """Depth in metres, at the size of the photo, where there is one."""
    stored = decode_depth_file(path, read_bytes(path, 'depth image'))
    if photo_size is not None:
        try:
            stored = match_photo(stored, photo_size)
        except ValueError as error:
            raise ValueError(
                f'{path}: {error}{_exif_hint(photo_path)}') from error
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
