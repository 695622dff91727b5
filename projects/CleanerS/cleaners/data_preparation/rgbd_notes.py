"""What is understood of a user's files and could be meant otherwise."""

from pathlib import Path
from typing import Callable, List

from ..fileio.camera_file import camera_path, read_intrinsics
from ..fileio.depth_file import decode_depth_file
from ..fileio.depth_scale import DepthCode
from ..fileio.image_file import exif_orientation, read_bytes
from .rgbd_sources import Sources


def reading_notes(sources: Sources, intrinsics: str,
                  code: DepthCode) -> List[str]:
    """Say how files are read, in one line each.

    Files that cannot be read are passed over: their frames tell why.

    Args:
        sources (Sources): Photos and depth images.
        intrinsics (str): As in ``read_intrinsics``.
        code (DepthCode): How depth images code metres.

    Returns:
        list[str]: A line for each kind of depth image, and for photos and
        intrinsics only where something was turned.
    """
    notes = []
    # one of each kind
    for path in {
            path.suffix: path
            for path in sources.depths.values()
    }.values():
        notes += _unless_broken(_depth_note, path, code)
    turned = [p for p in sources.photos.values() if exif_orientation(p) != 1]
    if turned:
        notes.append(
            f'photos: {len(turned)} of {len(sources.photos)} are turned as '
            f'their EXIF orientation says, {turned[0]} for one; depth images '
            'and intrinsics should be those of the turned photo')
    # a file for all frames is read once
    samples = sorted(sources.depths) if Path(intrinsics).is_dir() else ['']
    transposed = sum((_unless_broken(_transposed_file, intrinsics, sample)
                      for sample in samples), [])
    if transposed:
        more = f', like {len(transposed) - 1} more' * (len(transposed) > 1)
        notes.append(f'intrinsics: {transposed[0]} holds the matrix column '
                     f'by column{more}, and is read so')
    return notes


def _depth_note(path: Path, code: DepthCode) -> List[str]:
    """What the numbers of a depth image are taken for."""
    stored = decode_depth_file(path, read_bytes(path, 'depth image'))
    unit = 'metres' if code.scale_of(stored) == 1 else (
        f'{code.scale_of(stored):g} to a metre')
    rotated = ', bits rotated' * code.is_rotated
    return [
        f'depth: {path.name} holds {stored.dtype}, read as {unit}{rotated}'
    ]


def _transposed_file(intrinsics: str, sample_idx: str) -> List[Path]:
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
