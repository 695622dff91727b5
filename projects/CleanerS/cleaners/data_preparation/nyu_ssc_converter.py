"""NYU and NYUCAD in the form of the SSCNet release."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np

from ..datasets import nyu
from ..fileio.depth_file import decode_depth_png, encode_depth, read_depth_png
from ..fileio.image_file import decode_photo, encode_png, read_bytes
from ..fileio.nyu_bin import read_nyu_bin, read_nyu_header
from ..geometry.cad import trace_voxels
from ..geometry.voxel_grid import GridView
from ..visualization.depth_shading import shade_depth
from .dataset_layout import DatasetLayout, make_layout
from .frame_writer import FrameData, ImageFile, Stage, ensure_frame
from .nyu_release import NYUOptions, Sources, find_samples, find_sources
from .split_converter import Share, convert_splits

# one pose in two files may differ in the last digits
_POSE_SLACK = 1e-4


def convert_nyu(
    root_path: Path,
    out_dir: Path,
    options: NYUOptions = NYUOptions(),
    share: Share = Share(),
    is_cad: bool = False,
) -> bool:
    """Convert the release, or some of its splits.

    Args:
        root_path (Path): Folder with ``NYUtrain`` and ``NYUtest``, and
            perhaps ``NYUCADtrain`` and ``NYUCADtest``; if one split is
            named, it may hold the frames itself.
        out_dir (Path): Folder of the data set.
        options (NYUOptions): Defaults to NYU as 3D-Sketch prepares it.
        share (Share): Processes, and the shard. Defaults to one.
        is_cad (bool): Make NYUCAD: clean depth takes the place of the
            sensor's, and there is no twin. Defaults to False.

    Returns:
        bool: Whether all frames were converted.

    Raises:
        FileNotFoundError: If there are no frames.
        ValueError: If ``out_dir`` holds frames made with other options.
    """
    layout = make_layout(out_dir, 'nyucad' if is_cad else 'nyu')
    sources = {
        split: find_sources(root_path, split, options, is_cad)
        for split in options.splits
    }
    cad_source = _same_cad_source(sources)
    jobs = {
        split: (
            find_samples(source.folder),
            partial(
                convert_frame,
                sources=source,
                layout=layout,
                split=split,
                options=options,
            ),
        )
        for split, source in sources.items()
    }
    settings = dict(
        profile=options.profile.name,
        intrinsics=list(options.intrinsics),
        cad_source=cad_source,
    )
    return convert_splits(layout, settings, jobs, share)


def convert_frame(
    sample_idx: str,
    sources: Sources,
    layout: DatasetLayout,
    split: str,
    options: NYUOptions,
    stage: Stage = nullcontext,
) -> dict:
    """Convert one frame, unless that was done before.

    Args:
        sample_idx (str): Of the frame, such as 'NYU0003'.
        sources (Sources): Where its files are.
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        options (NYUOptions): What the user chose.
        stage (Callable): Wraps each stage of the work, to measure it.

    Returns:
        dict: Its record.

    Raises:
        FileNotFoundError: If a file of the frame is missing.
        ValueError: If one is broken.
    """
    read = _read_cad_frame if sources.is_cad else _read_frame
    return ensure_frame(
        layout,
        split,
        sample_idx,
        sources.list_inputs(sample_idx, options),
        partial(read, sample_idx, sources, options, stage),
        options.profile,
        options.transfer,
        stage,
    )


def _same_cad_source(sources: dict[str, Sources]) -> str:
    """Name of the source of clean depth, one for all splits."""
    found = {
        'voxels' if source.cad_folder is None else 'depth'
        for source in sources.values()
    }
    if len(found) > 1:
        raise FileNotFoundError(
            'only one of NYUCADtrain and NYUCADtest is there; add the other '
            'or choose one way for both with --cad-source'
        )
    return found.pop()


def _read_frame(
    sample_idx: str, sources: Sources, options: NYUOptions, stage: Stage
) -> FrameData:
    """A frame of NYU: the sensor's depth, and clean depth beside it."""
    with stage('read'):
        view, labels = _read_scene(sources.scene(sample_idx), options)
        path = sources.depth(sample_idx)
        depth = ImageFile(read_bytes(path, 'depth image'), path)
        depth_mm = decode_depth_png(path, depth.content, nyu.IMG_SIZE)
        rgb = _read_photo(sample_idx, sources, depth_mm, options)
    with stage('cad_depth'):
        cad_depth_mm = _read_cad_depth(sample_idx, sources, labels, view)
    return FrameData(view, rgb, depth, depth_mm, labels, cad_depth_mm)


def _read_cad_frame(
    sample_idx: str, sources: Sources, options: NYUOptions, stage: Stage
) -> FrameData:
    """A frame of NYUCAD: clean depth only."""
    with stage('read'):
        view, labels = _read_scene(sources.scene(sample_idx), options)
    with stage('cad_depth'):
        depth_mm = _read_cad_depth(sample_idx, sources, labels, view)
        depth = ImageFile(encode_png(encode_depth(depth_mm)))
        rgb = _read_photo(sample_idx, sources, depth_mm, options)
    return FrameData(view, rgb, depth, depth_mm, labels, is_clean=True)


def _read_scene(path: Path, options: NYUOptions) -> tuple:
    """Camera and labels (12 classes) of a frame."""
    scene = read_nyu_bin(path, nyu.FINE_GRID.shape)
    view = GridView(
        scene.cam2world, scene.voxel_origin, options.intrinsics, nyu.FINE_GRID
    )
    return view, nyu.map_classes(scene.labels)


def _read_photo(
    sample_idx: str, sources: Sources, depth_mm: np.ndarray, options: NYUOptions
) -> ImageFile:
    """Photo of a frame, or a drawing of its depth."""
    if sample_idx in sources.photos:
        path = sources.photos[sample_idx]
        photo = ImageFile(read_bytes(path, 'photo'), path)
        shape = decode_photo(path, photo.content).shape
        if shape[:2] != nyu.IMG_SIZE:
            raise ValueError(
                f'{path}: a photo of {nyu.IMG_SIZE} is expected, but got {shape}'
            )
        return photo
    if options.rgb_from_depth:
        return ImageFile(encode_png(shade_depth(depth_mm, options.intrinsics)))
    raise FileNotFoundError(
        f'{sources.folder / sample_idx}_rgb.png: no such photo, nor '
        f'{sample_idx}_colors.png, there or in an RGB folder; add it or '
        'pass --rgb-from-depth'
    )


def _read_cad_depth(
    sample_idx: str, sources: Sources, labels: np.ndarray, view: GridView
) -> np.ndarray:
    """Clean depth of a frame, millimetres."""
    path = sources.cad_depth(sample_idx)
    if path is None:
        return trace_voxels(nyu.is_occupied(labels), view, nyu.IMG_SIZE).depth_mm
    header = path.with_suffix('.bin')
    if header.is_file():
        origin, cam2world = read_nyu_header(header)
        if not (
            np.allclose(origin, view.voxel_origin, atol=_POSE_SLACK)
            and np.allclose(cam2world, view.cam2world, atol=_POSE_SLACK)
        ):
            raise ValueError(
                f'{header}: has another pose than the frame of '
                'NYU; its depth image does not belong to it'
            )
    return read_depth_png(path, nyu.IMG_SIZE)
