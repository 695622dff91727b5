"""From files of RGB-D frames to pages of completed rooms."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ..data_preparation.rgbd_notes import reading_notes
from ..data_preparation.rgbd_reading import RGBDOptions, read_rgbd_frame
from ..data_preparation.rgbd_sources import Sources, find_depths, find_frames
from ..datasets import nyu
from ..fileio.camera_file import read_pose
from ..fileio.occupancy_file import write_occupancy
from ..geometry.fusion import FusedScene, SceneFusion
from ..structures import SSCDataSample
from ..utils.errors import InputError, user_message
from ..visualization.scene_index import (
    INDEX,
    IndexEntry,
    check_frame_names,
    write_scene_index,
)
from ..visualization.scene_page import write_scene_page
from ..visualization.scene_view import SceneView
from ..visualization.voxel_export import write_voxel_ply
from .scene_belief import scene_belief
from .scene_files import check_stems, scene_paths, write_scene_files
from .scene_knowledge import held_surface
from .ssc_inferencer import SSCInferencer

NO_PHOTO = '-'
PHOTO_MODEL, DEPTH_MODEL = 'cleaners_efflite0-d32', 'cleaners_depth-d32'
_SHARE = 'visible surface held, %'
_MAP = 'map'


class NetworkChoice(NamedTuple):
    """Which network completes the frames, and how.

    Attributes:
        model (Sequence[str]): NAME, or CONFIG and CHECKPOINT. Defaults to
            the weights of the package.
        device (str): Defaults to 'cpu'.
        profile (str, optional): As in :obj:`SSCInferencer`.
    """

    model: Sequence[str] = ()
    device: str = 'cpu'
    profile: Optional[str] = None

    def load(self, sees_photo: bool) -> SSCInferencer:
        """Load the network; without a choice, that for what is to be seen."""
        model = self.model or [PHOTO_MODEL if sees_photo else DEPTH_MODEL]
        weights = model[1] if len(model) > 1 else None
        return SSCInferencer(model[0], weights, self.device, self.profile)


def complete_files(
    photo: str,
    depth: Path,
    options: RGBDOptions,
    out_dir: Path,
    choice: NetworkChoice = NetworkChoice(),
    is_joined: bool = False,
) -> None:
    """Complete one frame, or all of two folders, and write what is shown.

    Args:
        photo (str): A photo, or a folder of them; '-' for depth alone.
        depth (Path): A depth image, or a folder of them.
        options (RGBDOptions): What is known of the camera.
        out_dir (Path): Gets the files.
        choice (NetworkChoice): The network. Defaults to the package's.
        is_joined (bool): Whether the frames are joined in one map; needs
            poses. Defaults to False.

    Raises:
        InputError: If nothing could be completed, or, at the end, a frame of
            several could not.
    """
    sources = _find_sources(photo, depth, options, is_joined)
    _check_outputs(sources, out_dir, is_joined)
    for note in reading_notes(sources, options.intrinsics, options.depth_code):
        print(note)
    infer = choice.load(bool(sources.photos))
    fusion = SceneFusion() if is_joined else None
    entries = _complete_all(infer, sources, options, out_dir, fusion)
    if not entries:
        raise InputError('no frame could be completed')
    if fusion is not None:
        _write_map(fusion.scene(), len(entries), infer.metainfo, out_dir)
    count = len(sources.depths)
    if count > 1:
        _write_index(entries, out_dir)
    if len(entries) < count:
        raise InputError(f'{count - len(entries)} of {count} frames are left out')


def _find_sources(
    photo: str, depth: Path, options: RGBDOptions, is_joined: bool
) -> Sources:
    """Find the files of each frame.

    Raises:
        InputError: If frames are to be joined, but have no pose each.
    """
    if is_joined and options.pose is None:
        raise InputError('frames are joined by their poses: give --poses')
    if photo == NO_PHOTO:
        sources = find_depths(depth)
    else:
        sources = find_frames(Path(photo), depth)
    count = len(sources.depths)
    if is_joined and count > 1 and not Path(options.pose or '').is_dir():
        raise InputError(
            f'--poses {options.pose}: one pose for {count} frames; name a folder '
            'with a file a frame'
        )
    return sources


def _check_outputs(sources: Sources, out_dir: Path, is_joined: bool) -> None:
    """Refuse frames whose files would overwrite one another, or an input.

    Raises:
        InputError: If there are some.
    """
    names = sorted(sources.depths)
    check_frame_names(names, [INDEX] * (len(names) > 1) + [_MAP] * is_joined)
    check_stems(names)
    _keep_inputs(sources, [path for n in names for path in scene_paths(out_dir / n)])


def _keep_inputs(sources: Sources, outputs: list[Path]) -> None:
    """Refuse to write over a photo or a depth image.

    Raises:
        InputError: If an output is one of them.
    """
    inputs = {p.resolve() for p in (*sources.photos.values(), *sources.depths.values())}
    for path in outputs:
        if path.resolve() in inputs:
            raise InputError(
                f"'{path}' is an input, and would be written over: give another "
                '--out-dir'
            )


def _complete_all(
    infer: SSCInferencer,
    sources: Sources,
    options: RGBDOptions,
    out_dir: Path,
    fusion: Optional[SceneFusion],
) -> list[IndexEntry]:
    """Complete and write each frame, and add it to the map, if there is one.

    Raises:
        InputError: If the only frame could not be completed; one of several
            is left out and named.
    """
    entries: list[IndexEntry] = []
    is_alone = len(sources.depths) == 1
    for name in sorted(sources.depths):
        try:
            sample = _complete(infer, name, sources, options)
            if fusion is not None:
                fusion.add(scene_belief(sample, read_pose(options.pose or '', name)))
            entries.append(_write(sample, out_dir / name, infer.metainfo, not is_alone))
        except (ValueError, OSError) as error:
            if is_alone:
                raise InputError(user_message(error) or str(error)) from error
            print(f'{name} is left out: {error}', file=sys.stderr)
    return entries


def _complete(
    infer: SSCInferencer, name: str, sources: Sources, options: RGBDOptions
) -> SSCDataSample:
    """Complete a frame, and say what its pose is."""
    frame = read_rgbd_frame(name, sources, options)
    if frame.estimate is not None:
        print(f'{name}: {frame.estimate}', flush=True)
    return infer.complete(frame)


def _write(
    sample: SSCDataSample, stem: Path, metainfo: dict, share_library: bool
) -> IndexEntry:
    """Write the files of a frame, and say where."""
    files = write_scene_files(sample, stem, metainfo, share_library)
    panel, page = files[:2]
    share = held_surface(sample)
    print(
        f'{page}: {share:.1f} % of the visible surface lies within a voxel '
        'of the scene; beside it ' + ', '.join(f.name for f in files if f != page)
    )
    return IndexEntry(stem.name, page.name, panel.name, {_SHARE: share})


def _write_index(entries: list[IndexEntry], out_dir: Path) -> None:
    path = out_dir / f'{INDEX}.html'
    write_scene_index(path, f'{len(entries)} completed frames', entries)
    print(path)


def _write_map(fused: FusedScene, count: int, metainfo: dict, out_dir: Path) -> None:
    """Write the map of some frames."""
    view = SceneView(
        fused.label,
        confidence=fused.confidence,
        unseen=~fused.measured,
        voxel_size=fused.grid.voxel_size,
        voxel_origin=fused.voxel_origin,
    )
    path = out_dir / f'{_MAP}.html'
    write_scene_page(path, view, metainfo, f'{count} frames', count > 1)
    write_voxel_ply(
        path.with_suffix('.ply'),
        fused.label,
        metainfo['palette'],
        fused.grid.voxel_size,
        fused.voxel_origin,
    )
    write_occupancy(
        path.with_suffix('.npz'),
        np.where(fused.views > 0, fused.label, nyu.IGNORE_INDEX),
        fused.confidence,
        fused.voxel_origin,
        fused.grid.voxel_size,
    )
    print(path)
