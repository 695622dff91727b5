"""From a user's RGB-D frame to a labelled room in one call."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional, Union

import numpy as np
import torch
from mmengine.config import Config

from ..data_preparation.profile import DEFAULT_PROFILE, Profile, get_profile
from ..data_preparation.rgbd_frame import RGBDFrame, ViewOptions, make_rgbd_frame
from ..datasets import nyu
from ..datasets.data_profile import UNKNOWN, check_profile
from ..fileio.camera_file import (
    check_camera,
    read_intrinsics,
    read_pose,
    take_intrinsics,
)
from ..fileio.depth_file import decode_depth_file
from ..fileio.depth_scale import DepthCode, stored_to_metres
from ..fileio.image_file import read_bytes, read_photo
from ..geometry.camera import Intrinsics
from ..models.segmentors import SSCSegmentor
from ..structures import SSCDataSample
from ..structures.sensor_voxel import make_sensor_voxel
from ..utils.errors import InputError, values_are_input
from .inference import inference_ssc, init_ssc_model

Image = Union[str, Path, np.ndarray]
Camera = Union[str, Path, np.ndarray, Sequence[float]]


class SSCInferencer:
    """Complete rooms from a photo, a depth image and a camera's intrinsics.

    Nothing is written. Camera pose and box are estimated from the depth
    image, unless they are given.

    Args:
        model (str | Path | Config | SSCSegmentor): A config (its file, or
            itself), the name of a network that comes with the package, or a
            network of :func:`init_ssc_model`.
        weights (str, optional): A checkpoint for the config, or the work_dir
            of a run. Defaults to None: those of a name, else random ones.
        device (str | torch.device): Where a config's network runs. Defaults
            to 'cpu'.
        profile (str, optional): Rules of TSDF and mapping, '3dsketch' or
            'adassc'; intrinsics are those of the call. Defaults to None:
            those of the data that the checkpoint was trained on, or
            '3dsketch' where it does not say.

    Raises:
        InputError: If a file is missing or does not fit, or the checkpoint
            was trained on data of another profile.

    Examples:
        >>> infer = SSCInferencer('configs/cleaners_b2.py', 'OURS.pth')
        >>> sample = infer('photo.jpg', 'depth.png', '525,525,319.5,239.5')
        >>> sample.pred_voxel_seg.label.shape
        torch.Size([60, 36, 60])
    """

    def __init__(
        self,
        model: Union[str, Path, Config, SSCSegmentor],
        weights: Optional[str] = None,
        device: Union[str, torch.device] = 'cpu',
        profile: Optional[str] = None,
    ) -> None:
        if isinstance(model, (str, Path)):
            model = init_ssc_model(str(model), weights, device)
        elif isinstance(model, Config):
            model = init_ssc_model(model, weights, device)
        self.model = model
        self.profile = _choose_profile(profile, model)

    def __call__(
        self,
        rgb: Optional[Image],
        depth: Image,
        intrinsics: Camera,
        pose: Optional[Camera] = None,
        gravity: Optional[Sequence[float]] = None,
        camera_height: Optional[float] = None,
        depth_code: DepthCode = DepthCode(),
        fit: str = 'pad',
        force: bool = False,
    ) -> SSCDataSample:
        """Complete one frame.

        Args:
            rgb (str | Path | np.ndarray, optional): Photo: a file, or (H, W,
                3) uint8, RGB. None for a network that sees none.
            depth (str | Path | np.ndarray): Depth aligned with it: a file
                (.png, .npy, .tiff, .exr), or (h, w) of the same aspect ratio.
            intrinsics (str | Path | np.ndarray | Sequence[float]): In pixels
                of the photo: fx, fy, cx, cy; a (3, 3) matrix; a file
                (:func:`read_intrinsics`).
            pose (str | Path | np.ndarray, optional): Camera to world, (4, 4),
                as in :obj:`ViewOptions`, or a file. Defaults to None:
                estimated.
            gravity, camera_height, fit, force: As in :obj:`ViewOptions`.
            depth_code (DepthCode): How depth codes metres. Defaults to
                metres for floats, millimetres for integers.

        Returns:
            SSCDataSample: ``pred_voxel_seg`` of :func:`inference_ssc` and
            ``sensor_voxel``; in the metainfo ``cam2img`` (3, 3),
            ``cam2world`` (4, 4), ``voxel_origin`` (3,), ``voxel_size``,
            ``view_size``, ``photo`` (480, 640, 3) uint8, RGB, or None, and
            ``depth`` (480, 640), metres, as the network saw them.

        Raises:
            InputError: If something cannot be read, does not belong together,
                or shows no room; the message says how to mend it.
        """
        with values_are_input(OSError):
            photo = None if rgb is None else _read_photo(rgb)
            depth = _read_depth(depth, depth_code, force)
            size = depth.shape if photo is None else photo.shape[:2]
            frame = make_rgbd_frame(
                photo,
                depth,
                _read_camera(intrinsics, size, force),
                ViewOptions(_read_pose(pose), gravity, camera_height, fit, force),
            )
        return self.complete(frame)

    @property
    def metainfo(self) -> dict:
        """dict: ``classes`` and ``palette`` of the training data.

        NYU's where the network does not say.
        """
        known = self.model.dataset_meta
        return dict(
            classes=known.get('classes', nyu.CLASSES),
            palette=known.get('palette', nyu.PALETTE),
        )

    def complete(self, frame: RGBDFrame) -> SSCDataSample:
        """Complete a frame of :func:`make_rgbd_frame`; see ``__call__``."""
        if frame.photo is None and self.model.backbone is not None:
            raise InputError(
                'this network sees a photo, but none was given; '
                'cleaners_depth-d32, for one, sees depth alone'
            )
        volumes = self.profile.sensor_volumes(frame.depth_mm, frame.view)
        sample = inference_ssc(
            self.model, img=frame.photo, tsdf=volumes.tsdf, mapping=volumes.mapping
        )
        view, depth = frame.view.coarse(nyu.BLOCK), frame.depth_mm / 1000.0
        sample.sensor_voxel = make_sensor_voxel(depth, view, frame.view_size)
        sample.set_metainfo(
            dict(
                cam2img=view.intrinsics.cam2img,
                cam2world=view.cam2world,
                voxel_origin=view.voxel_origin,
                voxel_size=view.grid.voxel_size,
                view_size=frame.view_size,
                photo=frame.photo,
                depth=depth,
            )
        )
        return sample


def _choose_profile(name: Optional[str], model: SSCSegmentor) -> Profile:
    """Rules that a user named, or those that the network was trained on."""
    # a network that was built by other means does not say
    trained = getattr(model, 'dataset_meta', {}).get('profile')
    if name is None:
        if trained is None or trained == UNKNOWN:
            return get_profile(DEFAULT_PROFILE)
        return get_profile(trained)
    profile = get_profile(name)
    check_profile(trained, name, 'the network', 'its inputs would be')
    return profile


def _read_photo(rgb: Image) -> np.ndarray:
    """Photo, (H, W, 3) uint8, RGB."""
    if isinstance(rgb, (str, Path)):
        return read_photo(rgb)
    rgb = np.asarray(rgb)
    if rgb.dtype != np.uint8 or rgb.shape[2:] != (3,):
        raise ValueError(
            f'rgb should be (H, W, 3) uint8, RGB, but got {rgb.dtype} of {rgb.shape}'
        )
    return rgb


def _read_depth(depth: Image, code: DepthCode, force: bool) -> np.ndarray:
    """Depth in metres, (h, w) float32."""
    source = 'depth'
    if isinstance(depth, (str, Path)):
        source = str(depth)
        depth = decode_depth_file(depth, read_bytes(depth, 'depth image'))
    stored = np.asarray(depth)
    if stored.ndim != 2 or stored.dtype.kind not in 'uif':
        raise ValueError(
            f'{source} should be (h, w) numbers, but got '
            f'{stored.dtype} of {stored.shape}'
        )
    return stored_to_metres(source, stored, code, force)


def _read_camera(intrinsics: Camera, size: Sequence[int], force: bool) -> Intrinsics:
    """Intrinsics from numbers or a file, which fit the photo."""
    if isinstance(intrinsics, (str, Path)):
        camera = read_intrinsics(str(intrinsics), '')
    else:
        camera = take_intrinsics(intrinsics)
    if not force:
        check_camera(camera, size, 'intrinsics')
    return camera.intrinsics


def _read_pose(pose: Optional[Camera]) -> Optional[np.ndarray]:
    """Camera to world from numbers or a file."""
    if isinstance(pose, (str, Path)):
        return read_pose(str(pose), '')
    return pose if pose is None else np.asarray(pose, dtype=np.float64)
