"""What is understood of a user's files and could be meant otherwise."""

import os.path as osp
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Callable, Optional

from ..fileio.camera_file import camera_path, read_intrinsics
from ..fileio.depth_file import decode_depth_file
from ..fileio.depth_scale import DepthCode
from ..fileio.image_file import exif_orientation, read_bytes
from .rgbd_reading import FrameFiles
from .rgbd_sources import Sources


def reading_notes(
    sources: Sources, intrinsics: Optional[str], code: DepthCode
) -> list[str]:
    """Say how files are read, in one line each.

    Files that cannot be read are passed over: their frames tell why.

    Args:
        sources (Sources): Photos and depth images.
        intrinsics (str, optional): As in ``read_intrinsics``; None where they
            come with each frame.
        code (DepthCode): How depth images code metres.

    Returns:
        list[str]: A line for each kind of depth image, and for photos and
        intrinsics only where something was turned.
    """
    notes = []
    # one of each kind
    for path in {path.suffix: path for path in sources.depths.values()}.values():
        notes += _unless_broken(_depth_note, path, code)
    turned = [p for p in sources.photos.values() if exif_orientation(p) != 1]
    notes += _turned_note(turned, len(sources.photos))
    if intrinsics is None:
        return notes
    # a file for all frames is read once
    samples = sorted(sources.depths) if osp.isdir(intrinsics) else ['']
    transposed = sum(
        (_unless_broken(_transposed_file, intrinsics, sample) for sample in samples), []
    )
    return notes + _transposed_note(transposed)


def frame_notes(files: FrameFiles, code: DepthCode) -> list[str]:
    """Say how the files of one frame are read, in one line each.

    Args:
        files (FrameFiles): What they hold.
        code (DepthCode): How depth images code metres.

    Returns:
        list[str]: As :func:`reading_notes` says it of files on disk.
    """
    notes = _unless_broken(_stored_note, *files.depth, code)
    photos = [files.photo] if files.photo else []
    turned = [
        photo.path for photo in photos if exif_orientation(BytesIO(photo.content)) != 1
    ]
    transposed = [files.camera_name] * files.camera.is_transposed
    return notes + _turned_note(turned, len(photos)) + _transposed_note(transposed)


def _turned_note(turned: Sequence[Path], num_photos: int) -> list[str]:
    """Which photos their EXIF orientation turns."""
    if not turned:
        return []
    return [
        f'photos: {len(turned)} of {num_photos} are turned as their EXIF '
        f'orientation says, {turned[0]} for one; depth images and intrinsics '
        'should be those of the turned photo'
    ]


def _transposed_note(transposed: Sequence[object]) -> list[str]:
    """Which matrices are written in an unusual way."""
    if not transposed:
        return []
    more = f', like {len(transposed) - 1} more' * (len(transposed) > 1)
    return [
        f'intrinsics: {transposed[0]} holds the matrix column by column'
        f'{more}, and is read so'
    ]


def _depth_note(path: Path, code: DepthCode) -> list[str]:
    """What the numbers of a depth image on disk are taken for."""
    return _stored_note(path, read_bytes(path, 'depth image'), code)


def _stored_note(path: Path, content: bytes, code: DepthCode) -> list[str]:
    """What the numbers of a depth image are taken for."""
    stored = decode_depth_file(path, content)
    unit = (
        'metres'
        if code.scale_of(stored) == 1
        else (f'{code.scale_of(stored):g} to a metre')
    )
    rotated = ', bits rotated' * code.is_rotated
    return [f'depth: {path.name} holds {stored.dtype}, read as {unit}{rotated}']


def _transposed_file(intrinsics: str, sample_idx: str) -> list[Path]:
    """The file of a frame, if it is read column by column."""
    camera = read_intrinsics(intrinsics, sample_idx)
    is_transposed = camera.is_transposed
    return [camera_path(intrinsics, sample_idx)] * is_transposed


def _unless_broken(read: Callable[..., list], *args: object) -> list:
    """What is read, or nothing."""
    try:
        return read(*args)
    except (ValueError, OSError):
        return []
