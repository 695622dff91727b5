"""Volumes, pictures and cameras as the scene page reads them."""

import base64
import zlib
from collections.abc import Sequence
from typing import Optional

import cv2
import numpy as np

from .scene_view import SceneView

# bytes of a JPEG, and (width, quality) that are tried until it is within
_MAX_JPEG = {'photo': 70000, 'depth': 30000}
_JPEG_SIZES = ((640, 88), (640, 75), (480, 75), (480, 60), (320, 60), (240, 50))


def pack_volumes(view: SceneView) -> dict[str, str]:
    """Pack the volumes of a view.

    Args:
        view (SceneView): What is shown.

    Returns:
        dict[str, str]: By name, bytes in C order, deflated, as base64;
        the confidence in whole percent.

    Raises:
        ValueError: If one has another shape than the prediction, or the
            confidence is not within 0..1.
    """
    volumes = dict(prediction=view.prediction, truth=view.truth)
    for name in ('surface', 'unseen'):
        volume = getattr(view, name)
        if volume is not None:
            volumes[name] = np.asarray(volume, bool)
    if view.confidence is not None:
        volumes['confidence'] = _percent(view.confidence)
    packed = {}
    for name, volume in volumes.items():
        if volume is None:
            continue
        if volume.shape != view.prediction.shape:
            raise ValueError(
                f'the {name} is of {volume.shape}, but the '
                f'prediction of {view.prediction.shape}'
            )
        packed[name] = deflate(volume.astype(np.uint8).tobytes())
    return packed


def _percent(confidence: np.ndarray) -> np.ndarray:
    """Whole percent: a step finer costs a third more of the page's size."""
    # the comparison is false for a nan, too
    if not np.all((confidence >= 0) & (confidence <= 1)):
        raise ValueError(
            'the confidence should be within 0..1, but is '
            f'within {np.min(confidence)}..{np.max(confidence)}'
        )
    return np.rint(100 * np.asarray(confidence)).astype(np.uint8)


def pack_pictures(
    view: SceneView,
) -> tuple[Optional[Sequence[int]], dict[str, str]]:
    """Pack the pictures of a view.

    Args:
        view (SceneView): What is shown.

    Returns:
        tuple[Sequence[int] | None, dict[str, str]]: Size (H, W) of the
        camera's image, and by name the picture as an address of a JPEG.

    Raises:
        ValueError: If one is no (H, W, 3) of uint8.
    """
    img_size: Optional[Sequence[int]] = None
    packed = {}
    for name, limit in _MAX_JPEG.items():
        picture = getattr(view, name)
        if picture is None:
            continue
        if picture.dtype != np.uint8 or picture.shape[2:] != (3,):
            raise ValueError(
                f'the {name} should be a picture (H, W, 3) of '
                f'uint8, but is {picture.dtype} of '
                f'{picture.shape}'
            )
        img_size = img_size or picture.shape[:2]
        code = base64.b64encode(_small_jpeg(picture, limit)).decode()
        packed[name] = f'data:image/jpeg;base64,{code}'
    return img_size, packed


def _small_jpeg(picture: np.ndarray, limit: int) -> bytes:
    """The best of some JPEG files within a size, or the smallest."""
    for width, quality in _JPEG_SIZES:
        scale = min(1.0, width / picture.shape[1])
        size = [max(1, round(scale * side)) for side in picture.shape[1::-1]]
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        _, jpeg = cv2.imencode(
            '.jpg', small[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, quality)
        )
        if len(jpeg) <= limit:
            break
    return jpeg.tobytes()


def pack_camera(view: SceneView, img_size: Optional[Sequence[int]]) -> Optional[dict]:
    """Pack the camera, where there is all that it takes to draw it.

    Args:
        view (SceneView): What is shown.
        img_size (Sequence[int], optional): (H, W) of its image.

    Returns:
        dict | None: Pose, intrinsics and size of the image.

    Raises:
        ValueError: If the pose is not (4, 4), or a number is not finite.
    """
    if img_size is None or view.cam2world is None or view.intrinsics is None:
        return None
    cam2world = np.asarray(view.cam2world)
    if cam2world.shape != (4, 4):
        raise ValueError(f'cam2world should be (4, 4), but is of {cam2world.shape}')
    return dict(
        cam2world=[[finite_number(value) for value in row] for row in cam2world],
        intrinsics=[finite_number(value) for value in view.intrinsics],
        imgSize=list(img_size),
    )


def finite_number(value: float) -> float:
    """Refuse a number that JSON cannot hold.

    Args:
        value (float): Of size, origin or camera.

    Returns:
        float: The same.

    Raises:
        ValueError: If it is not finite.
    """
    if not np.isfinite(value):
        raise ValueError(
            f'voxel_size, voxel_origin and camera should be finite, but got {value}'
        )
    return float(value)


def deflate(content: bytes) -> str:
    """Compress content.

    Args:
        content (bytes): Any.

    Returns:
        str: Raw deflate, without a header, as base64.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return base64.b64encode(packed).decode()
