"""The files of one data set on disk, and how they come to be.

::

    OUT/{prefix}_infos_{train,test}.json   annotation file of each split
    OUT/{trainset,testset}/RGB/NYU0003_rgb.png
    OUT/TSDF/0003.npz       arr_0 float32 TSDF, arr_1 uint8 label weight
    OUT/Mapping/0003.npz    arr_0 int64, 307200 = no pixel
    OUT/Label/0003.npz      arr_0 uint8, 255 = ignore
    OUTCAD/TSDF/0003.npz    as OUT/TSDF, from clean depth

All arrays are flat, (129600,), in the order of ``VoxelGrid``.
"""

import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterator, NamedTuple, Optional, Sequence

import cv2
import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from cleaners.geometry.camera import NYU_IMG_SIZE
from cleaners.geometry.mapping import map_pixels, voxel_mapping
from cleaners.geometry.tsdf import (compute_tsdf, count_outside,
                                    downsample_mean, label_weights)
from cleaners.geometry.voxel_grid import (NYU_FACTOR, NYU_GRID, GridView,
                                          downsample_labels)


@dataclass(frozen=True)
class DatasetLayout:
    """Where the files of a data set lie.

    Args:
        out_dir (Path): Folder of the data set; the clean TSDF goes to the
            folder beside it whose name ends in ``CAD``.
        prefix (str): Of the annotation files.
        dataset (str): Name of the data set.
    """

    out_dir: Path
    prefix: str
    dataset: str

    def annotation_file(self, split: str) -> Path:
        """Path of the annotation file of a split."""
        return self.out_dir / f'{self.prefix}_infos_{split}.json'

    def settings_file(self) -> Path:
        """Path of the record of the settings that made the frames."""
        return self.out_dir / f'{self.prefix}_settings.json'

    def frame_files(self, split: str, sample_idx: str) -> Dict[str, Path]:
        """Path of every file of a frame, by its name in the annotation."""
        npz = f'{sample_idx[-4:]}.npz'
        cad_dir = self.out_dir.with_name(self.out_dir.name + 'CAD')
        rgb_dir = self.out_dir / f'{split}set' / 'RGB'
        return dict(
            img_path=rgb_dir / f'{sample_idx}_rgb.png',
            tsdf_path=self.out_dir / 'TSDF' / npz,
            mapping_path=self.out_dir / 'Mapping' / npz,
            label_path=self.out_dir / 'Label' / npz,
            tsdf_cad_path=cad_dir / 'TSDF' / npz)

    def is_finished(self, split: str, sample_idx: str) -> bool:
        """Whether all files of a frame are there."""
        files = self.frame_files(split, sample_idx)
        return all(path.is_file() for path in files.values())


class FrameData(NamedTuple):
    """What a frame is made of.

    Attributes:
        view (GridView): Camera and grid.
        rgb_png (bytes): The colour image, as a PNG file.
        depth_mm (np.ndarray): (480, 640) uint16, sensor depth, millimetres;
            0 means "not measured".
        cad_depth_mm (np.ndarray): (480, 640) uint16, clean depth.
        labels (np.ndarray): (240, 144, 240) uint8, 0..11 or 255.
    """

    view: GridView
    rgb_png: bytes
    depth_mm: np.ndarray
    cad_depth_mm: np.ndarray
    labels: np.ndarray


def write_frame(layout: DatasetLayout, split: str, sample_idx: str,
                frame: FrameData) -> None:
    """Compute and write all files of a frame, each in one step.

    Args:
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        sample_idx (str): Of the frame, such as 'NYU0003'.
        frame (FrameData): What to write.
    """
    view = frame.view
    depth = frame.depth_mm / 1000.
    pixel_voxel = map_pixels(depth, view)
    tsdf = compute_tsdf(depth, pixel_voxel, view)
    tsdf_low = downsample_mean(tsdf.raw)
    label = downsample_labels(frame.labels)
    weight = label_weights(label, tsdf_low, count_outside(tsdf.state))
    cad_depth = frame.cad_depth_mm / 1000.
    cad = compute_tsdf(cad_depth, map_pixels(cad_depth, view), view)

    files = layout.frame_files(split, sample_idx)
    write_atomic(files['img_path'], frame.rgb_png)
    _write_npz(files['tsdf_path'], tsdf_low, weight)
    _write_npz(files['mapping_path'], voxel_mapping(pixel_voxel, view.grid))
    _write_npz(files['label_path'], label)
    _write_npz(files['tsdf_cad_path'], downsample_mean(cad.raw), weight)


def convert_split(layout: DatasetLayout,
                  split: str,
                  samples: Sequence[str],
                  convert: Callable[[str], GridView],
                  workers: int = 1) -> bool:
    """Convert all frames of a split, then write its annotation file.

    A frame that cannot be converted is reported in one line and left out.

    Args:
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        samples (Sequence[str]): The ``sample_idx`` of each frame.
        convert (Callable): Takes a ``sample_idx``, writes the files of the
            frame unless they are there, and returns its camera.
        workers (int): Processes. Defaults to 1.

    Returns:
        bool: Whether all frames were converted.
    """
    infos, num_broken = [], 0
    results = _run(convert, sorted(samples), workers)
    for result in tqdm(results, desc=split, total=len(samples)):
        if result.error is None:
            infos.append(
                _make_info(layout, split, result.sample_idx, result.view))
        else:
            num_broken += 1
            tqdm.write(f'{result.sample_idx}: {result.error}', sys.stderr)
    grid = NYU_GRID.coarse(NYU_FACTOR)
    metainfo = dict(
        dataset=layout.dataset,
        voxel_size=grid.voxel_size,
        grid_size=grid.shape,
        img_size=NYU_IMG_SIZE)
    write_json(
        layout.annotation_file(split),
        dict(metainfo=metainfo, data_list=infos))
    if num_broken:
        print(
            f'{num_broken} of {len(samples)} frames of {split} are broken '
            'and left out, see above',
            file=sys.stderr)
    return not num_broken


def keep_settings(layout: DatasetLayout, settings: dict) -> None:
    """Refuse to mix frames that were made with different settings.

    Args:
        layout (DatasetLayout): Where the frames are.
        settings (dict): What determines the frames, as JSON can hold it;
            recorded there the first time.

    Raises:
        ValueError: If frames with other settings are there.
    """
    path = layout.settings_file()
    if path.is_file():
        found = json.loads(path.read_text())
        if found != settings:
            raise ValueError(
                f'{path}: the frames there were made with {found}, not with '
                f'{settings}; give another --out-dir or delete that folder '
                'and its CAD twin')
    else:
        write_json(path, settings)


def encode_rgb(rgb: np.ndarray) -> bytes:
    """Encode a colour image.

    Args:
        rgb (np.ndarray): (H, W, 3) uint8, RGB.

    Returns:
        bytes: The PNG file.
    """
    return cv2.imencode('.png', cv2.cvtColor(rgb,
                                             cv2.COLOR_RGB2BGR))[1].tobytes()


def write_json(path: Path, content: dict) -> None:
    """Write a JSON file in one step.

    Args:
        path (Path): The file; its folder is made.
        content (dict): What to write.
    """
    write_atomic(path, (json.dumps(content, indent=1) + '\n').encode())


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file in one step: it is there in full or not at all.

    Args:
        path (Path): The file; its folder is made.
        content (bytes): What to write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # always the same name, so that a killed run leaves nothing for good
    temporary = path.with_name(f'.{path.name}.tmp')
    temporary.write_bytes(content)
    os.replace(temporary, path)


class _Result(NamedTuple):
    """A converted frame, or why it is none."""

    sample_idx: str
    view: Optional[GridView]
    error: Optional[str]


def _run(convert: Callable[[str], GridView], samples: Sequence[str],
         workers: int) -> Iterator[_Result]:
    """Convert frames, in order."""
    if workers == 1:
        return (_try_convert(convert, sample) for sample in samples)
    parallel = Parallel(n_jobs=workers, return_as='generator')
    return parallel(delayed(_try_convert)(convert, s) for s in samples)


def _try_convert(convert: Callable[[str], GridView],
                 sample_idx: str) -> _Result:
    """Convert a frame; what is wrong with its data becomes a message."""
    try:
        return _Result(sample_idx, convert(sample_idx), None)
    except (ValueError, FileNotFoundError) as error:
        return _Result(sample_idx, None, str(error))


def _make_info(layout: DatasetLayout, split: str, sample_idx: str,
               view: GridView) -> dict:
    """Entry of a frame in the annotation file."""
    files = layout.frame_files(split, sample_idx)
    return dict(
        sample_idx=sample_idx,
        **{
            key: path.name
            for key, path in files.items()
        },
        cam2img=view.intrinsics.cam2img.tolist(),
        cam2world=view.cam2world.tolist(),
        voxel_origin=view.voxel_origin.tolist())


def _write_npz(path: Path, *arrays: np.ndarray) -> None:
    """Write flat arrays as arr_0, arr_1, ..."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, *(array.ravel() for array in arrays))
    write_atomic(path, buffer.getvalue())
