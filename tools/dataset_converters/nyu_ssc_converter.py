"""NYU in the form of the SSCNet release."""

import re
from functools import partial
from pathlib import Path
from typing import Dict, Sequence

import cv2
import numpy as np

from cleaners.geometry.cad import render_cad_depth
from cleaners.geometry.camera import (NYU_CALIBRATED_INTRINSICS, NYU_IMG_SIZE,
                                      NYU_INTRINSICS, Intrinsics,
                                      read_depth_png)
from cleaners.geometry.nyu_bin import read_nyu_bin, read_nyu_header
from cleaners.geometry.voxel_grid import GridView, map_classes
from cleaners.synth.shading import shade_depth
from .frame_writer import (DatasetLayout, FrameData, convert_split, encode_rgb,
                           keep_settings, write_frame)

_FRAME = re.compile(r'(NYU\d{4})_0000\.(bin|png)')
_PHOTO_ENDINGS = ('_rgb.png', '_colors.png', '_0000_rgb.png',
                  '_0000_colors.png')


def convert_nyu(root_path: Path,
                out_dir: Path,
                splits: Sequence[str],
                calibrated_camera: bool = False,
                rgb_from_depth: bool = False,
                workers: int = 1) -> bool:
    """Convert the release, or some of its splits.

    Args:
        root_path (Path): Folder with ``NYUtrain`` and ``NYUtest``; if one
            split is named, it may hold the frames itself.
        out_dir (Path): Folder of the data set.
        splits (Sequence[str]): Of 'train' and 'test'.
        calibrated_camera (bool): Use the calibrated intrinsics instead of
            those of the published data. Defaults to False.
        rgb_from_depth (bool): Draw the depth where a frame has no photo.
            Defaults to False.
        workers (int): Processes. Defaults to 1.

    Returns:
        bool: Whether all frames were converted.

    Raises:
        FileNotFoundError: If there are no frames.
        ValueError: If ``out_dir`` holds frames of another camera.
    """
    folders = {
        split: _find_folder(root_path, split,
                            len(splits) == 1)
        for split in splits
    }
    layout = DatasetLayout(out_dir, 'nyu', 'NYU')
    intrinsics = (
        NYU_CALIBRATED_INTRINSICS if calibrated_camera else NYU_INTRINSICS)
    keep_settings(layout, dict(intrinsics=list(intrinsics)))
    is_whole = True
    for split, folder in folders.items():
        convert = partial(
            convert_frame,
            folder=folder,
            layout=layout,
            split=split,
            photos=_find_photos(root_path, folder),
            intrinsics=intrinsics,
            rgb_from_depth=rgb_from_depth)
        samples = _find_samples(folder)
        is_whole &= convert_split(layout, split, samples, convert, workers)
    return is_whole


def convert_frame(sample_idx: str, folder: Path, layout: DatasetLayout,
                  split: str, photos: Dict[str, Path], intrinsics: Intrinsics,
                  rgb_from_depth: bool) -> GridView:
    """Convert one frame, unless that was done before.

    Args:
        sample_idx (str): Of the frame, such as 'NYU0003'.
        folder (Path): Where its .bin and .png lie.
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        photos (dict[str, Path]): Colour image of each frame.
        intrinsics (Intrinsics): Of the camera.
        rgb_from_depth (bool): Draw the depth where there is no photo.

    Returns:
        GridView: Camera and grid.

    Raises:
        FileNotFoundError: If a file of the frame is missing.
        ValueError: If one is broken.
    """
    bin_path = folder / f'{sample_idx}_0000.bin'
    if layout.is_finished(split, sample_idx):
        origin, cam2world = read_nyu_header(bin_path)
        return GridView(cam2world, origin, intrinsics)
    scene = read_nyu_bin(bin_path)
    depth_mm = read_depth_png(folder / f'{sample_idx}_0000.png')
    if sample_idx in photos:
        rgb_png = _read_photo(photos[sample_idx])
    elif rgb_from_depth:
        rgb_png = encode_rgb(shade_depth(depth_mm, intrinsics))
    else:
        raise FileNotFoundError(
            f'{folder / sample_idx}_rgb.png: no such photo, nor '
            f'{sample_idx}_colors.png, there or in an RGB folder; add it or '
            'pass --rgb-from-depth')
    view = GridView(scene.cam2world, scene.voxel_origin, intrinsics)
    labels = map_classes(scene.labels)
    frame = FrameData(view, rgb_png, depth_mm, render_cad_depth(labels, view),
                      labels)
    write_frame(layout, split, sample_idx, frame)
    return view


def _find_folder(root_path: Path, split: str, may_be_root: bool) -> Path:
    """Folder that holds the frames of a split."""
    folder = root_path / f'NYU{split}'
    if may_be_root and not folder.is_dir():
        folder = root_path
    if not folder.is_dir() or not _find_samples(folder):
        raise FileNotFoundError(
            f'{folder}: no frames NYUxxxx_0000.bin and .png; --root-path '
            'should hold NYUtrain and NYUtest of the SSCNet release')
    return folder


def _find_samples(folder: Path) -> Sequence[str]:
    """All frames of which there is the .bin or the .png."""
    matches = map(_FRAME.fullmatch, (path.name for path in folder.iterdir()))
    return sorted({match.group(1) for match in matches if match})


def _find_photos(root_path: Path, folder: Path) -> Dict[str, Path]:
    """Colour image of every frame that has one."""
    photos = {}
    for place in (folder, folder / 'RGB', root_path / 'RGB'):
        for ending in _PHOTO_ENDINGS:
            for path in sorted(place.glob(f'NYU????{ending}')):
                photos.setdefault(path.name[:7], path)
    return photos


def _read_photo(path: Path) -> bytes:
    """A photo as it is in its file, after a look at what it holds."""
    content = path.read_bytes()
    image = None
    if content:
        image = cv2.imdecode(
            np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError(f'{path}: not a readable PNG; copy it again')
    if image.shape != (*NYU_IMG_SIZE, 3) or image.dtype != np.uint8:
        raise ValueError(f'{path}: a photo should be uint8 of '
                         f'{(*NYU_IMG_SIZE, 3)}, but got {image.dtype} of '
                         f'{image.shape}')
    return content
