"""Is a prepared data set what it should be?"""

from collections.abc import Iterator

import numpy as np

from ..datasets import nyu
from ..fileio.depth_file import read_depth_png
from ..fileio.file_digest import file_digest
from ..fileio.image_file import read_photo
from ..fileio.json_file import read_object
from ..fileio.npz_file import read_npz
from ..geometry.camera import Intrinsics
from ..geometry.mapping import map_pixels, voxel_mapping
from ..geometry.tsdf import occlusion_label_weights
from ..geometry.voxel_grid import GridView
from .dataset_layout import DatasetLayout
from .dataset_settings import check_twin, recorded_profile
from .frame_checks import (
    are_labels,
    is_tsdf,
    leftover_faults,
    print_faults,
    run_checks,
    twin_faults,
)
from .frame_record import read_record, stale_inputs
from .profile import Profile

_NUM_VOXELS = nyu.GRID.num_voxels
# a block that holds a surface voxel has at least one zero in its mean
_SURFACE_LIMIT = 1 - 1 / nyu.BLOCK**3 + 1e-6
# frames of earlier runs that are named
_MAX_NAMED = 10


def check_dataset(layout: DatasetLayout, workers: int = 1) -> bool:
    """Check all files of a data set and print what is wrong.

    Args:
        layout (DatasetLayout): Where they are.
        workers (int): Processes. Defaults to 1.

    Returns:
        bool: Whether nothing is wrong.

    Raises:
        FileNotFoundError: If the data set is not finished.
    """
    manifest = layout.manifest_file()
    if not manifest.is_file():
        raise FileNotFoundError(
            f'{manifest}: not found, so the data set is not finished; run '
            'its command again, or merge its shards'
        )
    checksums = read_object(manifest)['files']
    frames = list(layout.listed_frames())
    listed = {
        layout.relative(path)
        for split, info in frames
        for path in layout.frame_files(split, info['sample_idx']).values()
    }
    faults = leftover_faults(layout.folders)
    faults += [
        f'{name}: in the manifest, but no frame of the annotation files has it'
        for name in sorted(set(checksums) - listed)
    ]
    faults += [fault for fault in [check_twin(layout)] if fault]
    profile = recorded_profile(layout)
    arguments = [(layout, split, info, checksums, profile) for split, info in frames]
    for found in run_checks(check_frame, arguments, workers):
        faults += found
    print_faults(faults)
    _tell_unlisted(layout, {info['sample_idx'] for _, info in frames})
    print(f'{len(frames)} frames, {len(checksums)} files: {len(faults) or "no"} faults')
    return not faults


def check_frame(
    layout: DatasetLayout, split: str, info: dict, checksums: dict, profile: Profile
) -> list[str]:
    """Check the files of one frame.

    Args:
        layout (DatasetLayout): Where they are.
        split (str): 'train' or 'test'.
        info (dict): Entry of the annotation file.
        checksums (dict[str, str]): sha256 of every file.
        profile (Profile): Rules that made the volumes.

    Returns:
        list[str]: What is wrong, each with the name of a file.
    """
    files = layout.frame_files(split, info['sample_idx'])
    faults = []
    for key, path in files.items():
        expected = checksums.get(layout.relative(path))
        if info.get(key) != path.name:
            faults.append(
                f'{layout.annotation_file(split)}: {key} of '
                f'{info["sample_idx"]} should be {path.name}, but '
                f'is {info.get(key)}'
            )
        if expected is None:
            faults.append(f'{path}: not in the manifest')
        elif not path.is_file():
            faults.append(f'{path}: missing')
        elif file_digest(path) != expected:
            faults.append(f'{path}: changed since it was made')
    try:
        record = read_record(layout, split, info['sample_idx'])
        faults += [
            f'{info["sample_idx"]}: stale, {path} changed since; run the '
            'command of the data set again'
            for path in stale_inputs(record)
        ]
        faults += _check_content(files, info, profile, layout.num_classes)
    except FileNotFoundError as error:
        # told above, unless it is a kind of file that no manifest lists
        faults += [] if faults else [str(error)]
    except (ValueError, KeyError, TypeError) as error:
        faults.append(f'{info["sample_idx"]}: {error}')
    return faults


def _tell_unlisted(layout: DatasetLayout, listed: set[str]) -> None:
    """Name frames of an earlier run that the last one did not ask for."""
    records = layout.record_file('*').parent.glob('*.json')
    others = sorted({path.stem for path in records} - listed)
    if others:
        names = ', '.join(others[:_MAX_NAMED])
        print(
            f'{len(others)} frames of earlier runs are in no annotation '
            f'file and not checked: {names}'
            + (', ...' if len(others) > _MAX_NAMED else '')
        )


def _check_content(
    files: dict, info: dict, profile: Profile, num_classes: int
) -> Iterator[str]:
    """Shapes, ranges, and whether the files of a frame fit together."""
    photo = read_photo(files['img_path'])
    if photo.shape[:2] != nyu.IMG_SIZE:
        yield f'{files["img_path"]}: {photo.shape} instead of {nyu.IMG_SIZE}'
    mapping = read_npz(files['mapping_path'], 'arr_0', _NUM_VOXELS)
    depth_mm = read_depth_png(files['depth_path'], nyu.IMG_SIZE)
    if not np.array_equal(mapping, _mapping_of(depth_mm, info, profile)):
        yield (
            f'{files["mapping_path"]}: is not the mapping of the depth '
            'image and the camera'
        )
    tsdf = read_npz(files['tsdf_path'], 'arr_0', _NUM_VOXELS)
    seen = mapping < depth_mm.size
    if not seen.any():
        yield f'{files["mapping_path"]}: no voxel is seen'
    if not is_tsdf(tsdf):
        yield f'{files["tsdf_path"]}: values beyond -1..1'
    elif not np.abs(tsdf[seen]).max(initial=0) <= _SURFACE_LIMIT:
        yield (f'{files["tsdf_path"]}: no surface where pixels of the mapping see one')
    if 'label_path' in files:
        yield from _check_labels(files, tsdf, profile, num_classes)


def _mapping_of(depth_mm: np.ndarray, info: dict, profile: Profile) -> np.ndarray:
    """Mapping that depth and camera of a frame give."""
    view = GridView(
        np.array(info['cam2world']),
        np.array(info['voxel_origin']),
        Intrinsics.from_matrix(info['cam2img']),
        nyu.FINE_GRID,
    )
    return voxel_mapping(
        map_pixels(depth_mm / 1000.0, view, profile.dtype), view.grid, nyu.BLOCK
    )


def _check_labels(
    files: dict, tsdf: np.ndarray, profile: Profile, num_classes: int
) -> Iterator[str]:
    """Labels, weights and the clean twin."""
    label = read_npz(files['label_path'], 'arr_0', _NUM_VOXELS)
    if not are_labels(label, num_classes):
        yield f'{files["label_path"]}: labels beyond 0..{num_classes - 1}'
    weight = read_npz(files['tsdf_path'], 'arr_1', _NUM_VOXELS)
    fault = _weight_fault(weight, label, tsdf, profile)
    if fault:
        yield f'{files["tsdf_path"]}: {fault}'
    if 'tsdf_cad_path' in files:
        yield from twin_faults(files['tsdf_cad_path'], files['tsdf_path'], weight)


def _weight_fault(
    weight: np.ndarray, label: np.ndarray, tsdf: np.ndarray, profile: Profile
) -> str:
    """What is wrong with the weights of a frame; '' if nothing is."""
    if profile.counts_uncovered:
        rule = occlusion_label_weights(label, tsdf, nyu.IGNORE_INDEX)
        return (
            ''
            if np.array_equal(weight, rule)
            else (
                'weights should be 1 where the label is a class or the TSDF is '
                f'deep behind the surface, as profile {profile.name} has it'
            )
        )
    ignored = label == nyu.IGNORE_INDEX
    if not np.isin(weight, (0, 1)).all() or weight[ignored].any():
        return 'weights should be 0 or 1, and 0 where the label is ignored'
    return ''
