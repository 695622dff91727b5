"""A room of voxels as one HTML page that one can walk around in.

The page is ``assets/scene_page.html``, its program ``assets/scene_viewer.js``;
both are built by ``projects/CleanerS/viewer``. This module fills them in.
"""

import html
import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Union

import numpy as np

from ..structures import IGNORE
from ..utils.atomic_write import write_atomically
from .scene_packing import (
    deflate,
    finite_number,
    pack_camera,
    pack_pictures,
    pack_volumes,
)
from .scene_view import SceneView
from .voxel_mesh import HIDDEN_CLASSES

LIBRARY = 'scene_viewer.js'

_ASSETS = Path(__file__).parent / 'assets'
# of a page whose program is not beside it
_COMPLAINT = (
    "const message = document.getElementById('message'); message.hidden = false; "
    "message.textContent = 'This page needs the file {library} beside it.';"
)
# of what the page reads; payload.js knows the same number
_FORMAT = 1


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
            space, and ``palette``, (C, 3) RGB, 0..255, of a data set.
            ``HIDDEN_CLASSES`` are hidden at first.
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
    img_size, pictures = pack_pictures(view)
    scene = dict(
        format=_FORMAT,
        shape=list(view.prediction.shape),
        voxelSize=finite_number(view.voxel_size),
        voxelOrigin=[finite_number(value) for value in view.voxel_origin],
        classes=[str(name) for name in classes],
        palette=np.asarray(palette).tolist(),
        hidden=[n for n, name in enumerate(classes) if name in HIDDEN_CLASSES],
        volumes=pack_volumes(view),
        camera=pack_camera(view, img_size),
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


def _script_json(content: dict) -> str:
    """JSON that cannot end the script element which it stands in."""
    text = json.dumps(content, allow_nan=False, separators=(',', ':'))
    return text.replace('<', '\\u003c')


def _script_tag(library: str) -> str:
    if library:
        return (
            f'<script src="{html.escape(library)}" '
            f'onerror="{html.escape(_COMPLAINT.format(library=library))}"></script>'
        )
    return f'<script type="text/plain" id="library">{_packed_library()}</script>'


def _fill(values: dict[str, str]) -> str:
    """Fill the template; what is put in is not looked at again."""
    return re.sub(
        r'\{\{(\w+)\}\}', lambda match: values[match[1]], _asset('scene_page.html')
    )


@lru_cache(maxsize=1)
def _packed_library() -> str:
    return deflate(_asset(LIBRARY).encode())


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding='utf-8')
