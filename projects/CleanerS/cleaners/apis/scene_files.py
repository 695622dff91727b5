"""A completed frame as files: picture, mesh, points, volume, page."""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from ..datasets import nyu
from ..fileio.occupancy_file import write_occupancy
from ..geometry.camera import Intrinsics
from ..structures import SSCDataSample
from ..utils.errors import InputError
from ..visualization.frame_panels import colour_depth
from ..visualization.scene_page import write_scene_page
from ..visualization.scene_view import SceneView
from ..visualization.ssc_local_visualizer import SSCLocalVisualizer
from ..visualization.visible_labels import unseen_voxels, visible_labels
from ..visualization.voxel_export import write_voxel_ply
from ..visualization.voxel_points import collect_points, write_points_ply
from .scene_knowledge import KnownScene, known_scene

# ends the name of a frame's points
_POINTS = '_points'


def write_scene_files(
    sample: SSCDataSample, stem: Path, metainfo: dict, share_library: bool = False
) -> list[Path]:
    """Write all files of one frame.

    Args:
        sample (SSCDataSample): Of :obj:`SSCInferencer`.
        stem (Path): FOLDER/NAME.
        metainfo (dict): ``classes`` and ``palette``.
        share_library (bool): As in :func:`write_scene_page`.

    Returns:
        list[Path]: NAME.png, a panel; NAME.html, a page that one can walk
        around in; NAME.ply, a mesh, and NAME_points.ply, a point cloud;
        NAME.npz, labels, confidence and camera.
    """
    files = scene_paths(stem)
    panel, page, mesh, points, volume = files
    known = known_scene(sample)
    view = _view_of(sample, known)
    label, confidence, palette = known.label, known.confidence, metainfo['palette']
    size, origin = view.voxel_size, view.voxel_origin
    _draw_panel(sample, panel, view, metainfo)
    write_scene_page(page, view, metainfo, stem.name, share_library)
    write_voxel_ply(mesh, label, palette, size, origin)
    write_points_ply(points, collect_points(label, confidence, size, origin), palette)
    write_occupancy(
        volume,
        label,
        confidence,
        origin,
        size,
        cam2world=sample.cam2world,
        cam2img=sample.cam2img,
    )
    return files


def scene_paths(stem: Path) -> list[Path]:
    """List the files of :func:`write_scene_files`, in its order."""
    return [
        stem.with_name(stem.name + ending)
        for ending in ('.png', '.html', '.ply', f'{_POINTS}.ply', '.npz')
    ]


def check_stems(names: Collection[str]) -> None:
    """Refuse frames of which one's points would be the other's mesh.

    Raises:
        InputError: If there are some.
    """
    for name in names:
        if name.endswith(_POINTS) and name.removesuffix(_POINTS) in names:
            raise InputError(
                f"{name}.ply would be the points of '{name.removesuffix(_POINTS)}' and "
                f"the mesh of '{name}': give its files another name"
            )


def scene_view(sample: SSCDataSample) -> SceneView:
    """Collect what is shown of a completed frame (:func:`known_scene`).

    Args:
        sample (SSCDataSample): Of :obj:`SSCInferencer`.

    Returns:
        SceneView: With confidence, visible surface, what the sensor could
        not see, pictures and camera; and with the truth, where the sample
        has ``gt_voxel_seg``.
    """
    return _view_of(sample, known_scene(sample))


def _view_of(sample: SSCDataSample, known: KnownScene) -> SceneView:
    """What is shown of a sample, of which all space is known."""
    _, truth = visible_labels(sample)
    return SceneView(
        known.label,
        truth=truth,
        surface=np.asarray(sample.sensor_voxel.points) > 0,
        confidence=known.confidence,
        unseen=unseen_voxels(sample),
        photo=sample.photo,
        depth=colour_depth(sample.depth),
        cam2world=np.asarray(sample.cam2world),
        intrinsics=Intrinsics.from_matrix(sample.cam2img),
        voxel_size=sample.voxel_size,
        voxel_origin=np.asarray(sample.voxel_origin),
    )


def _draw_panel(
    sample: SSCDataSample, path: Path, view: SceneView, metainfo: dict
) -> None:
    """Photo, or depth without one, beside the scene."""
    visualizer = SSCLocalVisualizer(name=f'scene {path}')
    visualizer.dataset_meta = dict(metainfo, ignore_index=nyu.IGNORE_INDEX)
    image = view.depth if view.photo is None else view.photo
    visualizer.add_datasample(path.stem, image, sample, out_file=str(path))
