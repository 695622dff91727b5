"""One frame of anyone's RGB-D camera, made in memory."""

from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np

from ..datasets import nyu
from ..geometry.camera import Intrinsics
from ..geometry.pose import face_forward
from ..geometry.resample import fit_image
from ..geometry.view_estimate import ViewEstimate, estimate_view, known_view
from ..geometry.voxel_grid import GridView

# photo and depth show the same if their aspect ratios differ by less
_ASPECT_SLACK = 0.01


class ViewOptions(NamedTuple):
    """What a user can say of where the camera stands.

    Attributes:
        cam2world (np.ndarray, optional): (4, 4), camera to world, metres; the
            world's Z points up and its floor is at 0. The world is turned by
            quarter turns about Z until the camera looks along Y. Defaults to
            None: estimated.
        gravity (Sequence[float], optional): As in ``estimate_view``.
        camera_height (float, optional): As in ``estimate_view``.
        fit (str): As in ``fit_image``. Defaults to 'pad'.
        force (bool): Go on where the frame seems to show no room. Defaults to
            False.
    """

    cam2world: Optional[np.ndarray] = None
    gravity: Optional[Sequence[float]] = None
    camera_height: Optional[float] = None
    fit: str = 'pad'
    force: bool = False


class RGBDFrame(NamedTuple):
    """A frame at the size that the network reads.

    Attributes:
        photo (np.ndarray, optional): (480, 640, 3) uint8, RGB; None of a
            frame without photo.
        depth_mm (np.ndarray): (480, 640) uint16, millimetres; 0 means "not
            measured".
        view (GridView): Camera and fine grid.
        view_size (tuple[int, int]): Rows and columns, from the top left, that
            show the source; the rest is padding.
        estimate (ViewEstimate, optional): What the pose is taken from; None
            where it was given.
    """

    photo: Optional[np.ndarray]
    depth_mm: np.ndarray
    view: GridView
    view_size: tuple[int, int]
    estimate: Optional[ViewEstimate]


def make_rgbd_frame(
    photo: Optional[np.ndarray],
    depth: np.ndarray,
    intrinsics: Intrinsics,
    options: ViewOptions,
) -> RGBDFrame:
    """Bring photo and depth to the network's size, and place the box.

    Args:
        photo (np.ndarray, optional): (H, W, 3) uint8, RGB. None for a frame
            without: then (H, W) is the size of the depth image.
        depth (np.ndarray): (h, w) float, metres along the optical axis,
            aligned with the photo and of its aspect ratio; 0 means "not
            measured".
        intrinsics (Intrinsics): In pixels of the photo.
        options (ViewOptions): What is known of the pose.

    Returns:
        RGBDFrame: What the volumes are made of.

    Raises:
        ValueError: If photo and depth do not belong together, the frame shows
            no room, the pose cannot be estimated, or it is given and parts of
            it, too. Intrinsics are taken as they are
            (:func:`~cleaners.geometry.camera.check_intrinsics`).
    """
    if options.cam2world is not None and (
        options.gravity is not None or options.camera_height is not None
    ):
        raise ValueError(
            'the pose says where the camera is: leave gravity and camera_height out'
        )
    size = depth.shape if photo is None else photo.shape[:2]
    resampling = fit_image(size, nyu.IMG_SIZE, options.fit)
    depth_mm = resampling.depth(_to_millimetres(match_photo(depth, size)))
    intrinsics = resampling.intrinsics(intrinsics)
    estimate = None
    if options.cam2world is None:
        estimate = estimate_view(
            depth_mm / 1000.0,
            intrinsics,
            nyu.FINE_GRID,
            options.gravity,
            options.camera_height,
            options.force,
        )
        view = estimate.view
    else:
        view = known_view(
            depth_mm / 1000.0,
            face_forward(options.cam2world),
            intrinsics,
            nyu.FINE_GRID,
            options.force,
        )
    photo = None if photo is None else resampling.photo(photo)
    return RGBDFrame(photo, depth_mm, view, resampling.covered(size), estimate)


def match_photo(depth: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Bring a depth image to the size of its photo.

    Args:
        depth (np.ndarray): (h, w), metres.
        size (Sequence[int]): Height and width of the photo.

    Returns:
        np.ndarray: ``size``; every value is one of ``depth``.

    Raises:
        ValueError: If their aspect ratios differ.
    """
    ratio = np.divide(size, depth.shape)
    if abs(ratio[0] / ratio[1] - 1) > _ASPECT_SLACK:
        raise ValueError(
            f'{depth.shape} has another aspect ratio than the photo '
            f'{tuple(size)}; depth and photo should show the same'
        )
    rows, columns = (
        ((np.arange(wanted) + 0.5) * have / wanted).astype(int)
        for wanted, have in zip(size, depth.shape)
    )
    return depth[np.ix_(rows, columns)]


def _to_millimetres(depth: np.ndarray) -> np.ndarray:
    """Depth as uint16; what is beyond, negative or no number becomes "not measured".

    So does the largest number itself: 16 bits hold it where nothing was
    measured, and so do copies of them in other types.
    """
    depth_mm = np.rint(depth * 1000.0)
    is_measured = (depth_mm > 0) & (depth_mm < np.iinfo(np.uint16).max)
    return np.where(is_measured, depth_mm, 0).astype(np.uint16)
