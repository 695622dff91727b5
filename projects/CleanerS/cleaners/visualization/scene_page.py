"""A room of voxels as one HTML page that one can walk around in.

The page is ``assets/scene_page.html``, its program ``assets/scene_viewer.js``;
both are built by ``projects/CleanerS/viewer``. This module fills them in.
"""

import base64
import html
import json
import re
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import cv2
import numpy as np

from ..geometry.camera import Intrinsics
from ..utils.atomic_write import write_atomically
from .voxel_mesh import IGNORE

LIBRARY = 'scene_viewer.js'

_ASSETS = Path(__file__).parent / 'assets'
# of what the page reads; payload.js knows the same number
_FORMAT = 1
# bytes of a JPEG, and (width, quality) that are tried until it is within
_MAX_JPEG = {'photo': 70000, 'depth': 30000}
_JPEG_SIZES = ((640, 88), (640, 75), (480, 75), (480, 60), (320, 60), (240, 50))


class SceneView(NamedTuple):
    """What a page shows of one frame.

    Convention: volumes have the axes (sideways, height, depth) and the
    camera is as docs/conventions.md says. What is None is not shown.

    Attributes:
        prediction (np.ndarray): (X, Y, Z) uint8, class of each voxel; 0 is
            empty, 255 not shown.
        truth (np.ndarray, optional): (X, Y, Z) uint8, in the same way; 255
            does not count as an error.
        surface (np.ndarray, optional): (X, Y, Z) bool, voxels with a
            surface that a pixel sees.
        confidence (np.ndarray, optional): (X, Y, Z) float, 0..1, of the
            predicted class; kept in whole percent.
        unseen (np.ndarray, optional): (X, Y, Z) bool, voxels that the
            sensor could not see.
        photo (np.ndarray, optional): (H, W, 3) uint8, RGB.
        depth (np.ndarray, optional): (H, W, 3) uint8, RGB, a picture of the
            depth.
        cam2world (np.ndarray, optional): (4, 4), metres.
        intrinsics (Intrinsics, optional): Of the camera, in pixels of
            ``photo``, or of ``depth`` without one. The camera is shown
            where pose, intrinsics and a picture are there.
        voxel_size (float): Edge of a voxel, metres. Defaults to 0.08.
        voxel_origin (Sequence[float] | np.ndarray): World X, Y, Z of grid node
            (0, 0, 0), metres. Defaults to (0, 0, 0).
    """

    prediction: np.ndarray
    truth: Optional[np.ndarray] = None
    surface: Optional[np.ndarray] = None
    confidence: Optional[np.ndarray] = None
    unseen: Optional[np.ndarray] = None
    photo: Optional[np.ndarray] = None
    depth: Optional[np.ndarray] = None
    cam2world: Optional[np.ndarray] = None
    intrinsics: Optional[Intrinsics] = None
    voxel_size: float = 0.08
    voxel_origin: Union[Sequence[float], np.ndarray] = (0.0, 0.0, 0.0)


def write_scene_page(
    path: Union[str, Path],
    view: SceneView,
    metainfo: dict[str, Any],
    title: str,
    share_library: bool = False,
) -> None:
    """Write the page of one frame, whole or not at all.

    Args:
        path (str | Path): The HTML file; its folder is made.
        view (SceneView): What is shown.
        metainfo (dict): As in :func:`scene_page`.
        title (str): Heading of the page, plain text.
        share_library (bool): Whether the page reads its program from
            ``scene_viewer.js`` beside it, which is written, too, so that the
            pages of a folder share one copy. Defaults to False: the page is
            one file that needs no other.

    Raises:
        ValueError: As :func:`scene_page` does.
    """
    path = Path(path)
    page = scene_page(view, metainfo, title, LIBRARY if share_library else '')
    if share_library:
        _write_library(path.parent)
    write_atomically(path, page.encode())


def scene_page(
    view: SceneView, metainfo: dict[str, Any], title: str, library: str = ''
) -> str:
    """Make the page of one frame.

    It works from a file, without a network.

    Args:
        view (SceneView): What is shown.
        metainfo (dict): ``classes``, names, of which the first is empty
            space, and ``palette``, (C, 3) RGB, 0..255, of a data set. The
            class ``ceiling`` is hidden at first, so that one can look in
            from above.
        title (str): Heading of the page, plain text.
        library (str): Address of the program, ``scene_viewer.js``, relative
            to the page. Defaults to '': it is part of the page.

    Returns:
        str: HTML.

    Raises:
        ValueError: If a volume or picture has the wrong shape or type, a
            label has no class, a class has no colour, or a number is not
            finite.
    """
    classes, palette = list(metainfo['classes']), metainfo['palette']
    _check_labels(view, classes, palette)
    img_size, pictures = _pack_pictures(view)
    scene = dict(
        format=_FORMAT,
        shape=list(view.prediction.shape),
        voxelSize=_number(view.voxel_size),
        voxelOrigin=[_number(value) for value in view.voxel_origin],
        classes=[str(name) for name in classes],
        palette=np.asarray(palette).tolist(),
        hidden=[n for n, name in enumerate(classes) if name == 'ceiling'],
        volumes=_pack_volumes(view),
        camera=_pack_camera(view, img_size),
        **pictures,
    )
    return _fill(
        dict(
            title=html.escape(title),
            scene=_script_json(scene),
            library=_script_tag(library),
        )
    )


def _write_library(folder: Path) -> None:
    """Write the program into a folder, unless it is there."""
    program = _asset(LIBRARY).encode()
    path = folder / LIBRARY
    if not path.is_file() or path.read_bytes() != program:
        write_atomically(path, program)


def _check_labels(
    view: SceneView, classes: Sequence[str], palette: Sequence[Sequence[int]]
) -> None:
    if np.shape(palette) != (len(classes), 3):
        raise ValueError(
            f'{len(classes)} classes need as many colours, but '
            f'got a palette of {np.shape(palette)}'
        )
    if np.ndim(view.prediction) != 3:
        raise ValueError(
            'the prediction should be a volume (X, Y, Z), but '
            f'got {np.shape(view.prediction)}'
        )
    for name in ('prediction', 'truth'):
        labels = getattr(view, name)
        if labels is None:
            continue
        if labels.dtype != np.uint8:
            raise ValueError(f'the {name} should be uint8, but got {labels.dtype}')
        known = np.append(np.arange(len(classes)), IGNORE)
        unknown = np.setdiff1d(labels, known)
        if len(unknown):
            raise ValueError(
                f'the labels {unknown.tolist()} of the {name} '
                f'are none of the {len(classes)} classes'
            )


def _pack_volumes(view: SceneView) -> dict[str, str]:
    """Volumes as bytes in C order, deflated, as base64."""
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
        packed[name] = _deflate(volume.astype(np.uint8).tobytes())
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


def _pack_pictures(
    view: SceneView,
) -> tuple[Optional[Sequence[int]], dict[str, str]]:
    """Size (H, W) of the camera's image, and pictures as addresses."""
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


def _pack_camera(view: SceneView, img_size: Optional[Sequence[int]]) -> Optional[dict]:
    """The camera, where there is all that it takes to draw it."""
    if img_size is None or view.cam2world is None or view.intrinsics is None:
        return None
    cam2world = np.asarray(view.cam2world)
    if cam2world.shape != (4, 4):
        raise ValueError(f'cam2world should be (4, 4), but is of {cam2world.shape}')
    return dict(
        cam2world=[[_number(value) for value in row] for row in cam2world],
        intrinsics=[_number(value) for value in view.intrinsics],
        imgSize=list(img_size),
    )


def _number(value: float) -> float:
    """A number that JSON can hold."""
    if not np.isfinite(value):
        raise ValueError(
            f'voxel_size, voxel_origin and camera should be finite, but got {value}'
        )
    return float(value)


def _deflate(content: bytes) -> str:
    """Content without a header (raw deflate), as base64."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return base64.b64encode(packed).decode()


def _script_json(content: dict) -> str:
    """JSON that cannot end the script element which it stands in."""
    text = json.dumps(content, allow_nan=False, separators=(',', ':'))
    return text.replace('<', '\\u003c')


def _script_tag(library: str) -> str:
    if library:
        return f'<script src="{html.escape(library)}"></script>'
    return f'<script type="text/plain" id="library">{_packed_library()}</script>'


def _fill(values: dict[str, str]) -> str:
    """Fill the template; what is put in is not looked at again."""
    return re.sub(
        r'\{\{(\w+)\}\}', lambda match: values[match[1]], _asset('scene_page.html')
    )


@lru_cache(maxsize=1)
def _packed_library() -> str:
    return _deflate(_asset(LIBRARY).encode())


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding='utf-8')
