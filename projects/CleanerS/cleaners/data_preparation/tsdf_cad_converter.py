"""The clean twin of a data set, from its labels and its mapping alone.

::

    TWIN/TSDF/0003.npz        arr_0 float32 TSDF-CAD, arr_1 the data set's weight
    TWIN/Frames/NYU0003.json  written last: the frame is finished, and from what
    TWIN/pictures/            of a few frames
    TWIN/poses.json           written when all frames are finished: camera of
                              each, and how well it fits
    TWIN/twin_of.json         of which data set
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ..datasets import data_profile, nyu
from ..datasets.clean_twin import SUFFIX
from ..datasets.open_folder import open_folder, splits_in
from ..fileio.file_digest import file_digest
from ..fileio.json_file import read_object
from ..fileio.npz_file import encode_npz, read_npz
from ..fileio.nyu_bin import read_nyu_bin
from ..geometry.camera import Intrinsics
from ..utils.errors import InputError
from .frame_record import FrameInputs, is_made_from
from .frame_workers import Workers, convert_split, report_broken
from .output_files import (
    remove_file,
    remove_leftovers,
    write_file,
    write_json,
)
from .profile import DEFAULT_PROFILE, Profile, get_profile
from .tsdf_cad import CleanFrame, make_clean_frame
from .tsdf_cad_pictures import draw_clean_frame
from .tsdf_cad_report import correlation, describe_poses
from .twin_record import claim_twin

POSES = 'poses.json'


class TwinJob(NamedTuple):
    """What makes the clean frames of a data set.

    Attributes:
        twin (Path): Where to.
        profile (Profile): Rules of the TSDF.
        scenes (dict[str, Path]): By frame, the file with its fine labels;
            all or none.
    """

    twin: Path
    profile: Profile
    scenes: dict[str, Path]

    def list_inputs(self, info: dict) -> FrameInputs:
        """What a frame is made from."""
        files = {
            key: Path(info[f'{key}_path'])
            for key in ('tsdf', 'mapping', 'label')
            if info[f'{key}_path']
        }
        if self.scenes:
            files['scene'] = self.scenes[info['sample_idx']]
        intrinsics = intrinsics_of(info, self.profile)
        return FrameInputs(
            files, dict(profile=self.profile.name, intrinsics=list(intrinsics))
        )

    def tsdf_file(self, info: dict) -> Path:
        """Path of the clean TSDF of a frame."""
        return self.twin / 'TSDF' / Path(info['tsdf_path']).name

    def record_file(self, info: dict) -> Path:
        """Path of the record of a finished frame."""
        return self.twin / 'Frames' / f'{info["sample_idx"]}.json'


def convert_tsdf_cad(
    data_root: Path,
    twin: Optional[Path] = None,
    profile: Optional[str] = None,
    root_path: Optional[Path] = None,
    workers: Workers = Workers(),
    num_pictures: int = 4,
) -> bool:
    """Make the twin of all frames, unless they are there.

    Args:
        data_root (Path): Folder of the data set; it is only read.
        twin (Path, optional): Folder of the twin. Defaults to None: beside
            the data set, where training finds it.
        profile (str, optional): Rules of the TSDF. Defaults to None: those
            of the data set.
        root_path (Path, optional): The SSCNet release, whose labels are
            finer than those of the data set. Defaults to None.
        workers (Workers): Processes. Defaults to one.
        num_pictures (int): Frames that are drawn. Defaults to 4.

    Returns:
        bool: Whether all frames were made.

    Raises:
        InputError: If there is no data set, or it follows other rules.
        WriteError: If a file cannot be written.
    """
    root = data_root.resolve()
    twin = (twin or root.with_name(root.name + SUFFIX)).resolve()
    if twin == root:
        raise InputError(
            f'--out-dir {twin} is the data set itself: its TSDF would be replaced'
        )
    splits = _frames_of(root)
    rules = _choose_profile(profile, root, splits)
    scenes = {} if root_path is None else _find_scenes(root_path, splits)
    job = TwinJob(twin, rules, scenes)
    claim_twin(twin, root)
    remove_leftovers([twin])
    results = {}
    for split, infos in splits.items():
        by_name = {info['sample_idx']: info for info in infos}
        results[split] = convert_split(
            split, list(by_name), partial(_convert, frames=by_name, job=job), workers
        )
    finished = [
        info
        for split, infos in splits.items()
        for info in infos
        if info['sample_idx'] not in results[split].broken
    ]
    poses = {
        info['sample_idx']: read_object(job.record_file(info))['pose']
        for info in finished
    }
    _draw_some(job, finished, poses, num_pictures)
    print(describe_poses(poses))
    if not report_broken(results):
        remove_file(twin / POSES)
        return False
    write_json(twin / POSES, dict(profile=rules.name, frames=poses))
    return True


def _draw_some(
    job: TwinJob, infos: Sequence[dict], poses: Mapping[str, dict], count: int
) -> None:
    """Draw frames from the first to the last."""
    count = min(count, len(infos))
    chosen = np.linspace(0, len(infos) - 1, count, dtype=int)
    for index in dict.fromkeys(chosen.tolist()):
        name = infos[index]['sample_idx']
        picture = draw_clean_frame(infos[index], poses[name], job.profile)
        write_file(job.twin / 'pictures' / f'{name}.png', picture)


def make_frame(
    info: dict, profile: Profile, scene: Optional[Path] = None
) -> CleanFrame:
    """Make the clean twin of one frame of a data set.

    Args:
        info (dict): Of :obj:`NYUSSCDataset`.
        profile (Profile): Rules of the TSDF.
        scene (Path, optional): The ``.bin`` with its fine labels. Defaults
            to None: the labels of the data set.

    Returns:
        CleanFrame: TSDF, depth and pose.

    Raises:
        ValueError: If a file is broken, there are no labels, or no pose
            explains the mapping.
    """
    if info['label_path'] is None:
        raise ValueError('it has no labels, which clean depth is made from')
    size = nyu.GRID.num_voxels
    if scene is None:
        label = read_npz(info['label_path'], 'arr_0', size)
    else:
        label = nyu.map_classes(read_nyu_bin(scene, nyu.FINE_GRID.shape).labels)
    return make_clean_frame(
        # whole numbers may be stored as any type
        read_npz(info['mapping_path'], 'arr_0', size).astype(np.int64),
        label,
        intrinsics_of(info, profile),
        profile,
    )


def intrinsics_of(info: dict, profile: Profile) -> Intrinsics:
    """Camera of a frame: its own, or that of the profile."""
    if 'cam2img' in info:
        return Intrinsics.from_matrix(info['cam2img'])
    return profile.intrinsics


def _frames_of(root: Path) -> dict[str, list[dict]]:
    """Frames of each split that is there."""
    splits = {}
    # without any, opening one says what is wrong
    for split in splits_in(str(root)) or ['train']:
        dataset = open_folder(str(root), split)
        splits[split] = [
            dict(dataset.get_data_info(i), profile=dataset.metainfo['profile'])
            for i in range(len(dataset))
        ]
    return splits


def _find_scenes(
    root_path: Path, splits: Mapping[str, Sequence[dict]]
) -> dict[str, Path]:
    """The ``.bin`` of every frame."""
    found = {
        path.name[:7]: path
        for folder in (root_path, root_path / 'NYUtrain', root_path / 'NYUtest')
        for path in folder.glob('NYU????_0000.bin')
    }
    names = [info['sample_idx'] for infos in splits.values() for info in infos]
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(
            f'--root-path {root_path}: no {missing[0]}_0000.bin, nor those of '
            f'{len(missing)} of {len(names)} frames in all; it should hold '
            'NYUtrain and NYUtest of the SSCNet release'
        )
    return found


def _choose_profile(
    name: Optional[str], root: Path, splits: Mapping[str, Sequence[dict]]
) -> Profile:
    """Rules of the twin, which are those of the data set."""
    own = {infos[0]['profile'] for infos in splits.values()}
    own.discard(data_profile.UNKNOWN)
    if name is not None and own not in (set(), {name}):
        raise InputError(
            f'{root} was made by the rules of {own.pop()}, and so '
            f'should its twin be, not by those of {name}'
        )
    return get_profile(name or (own.pop() if own else DEFAULT_PROFILE))


def _convert(sample_idx: str, frames: dict[str, dict], job: TwinJob) -> None:
    """Make one frame, unless that was done before from the same."""
    info = frames[sample_idx]
    inputs = job.list_inputs(info).describe()
    record_file, tsdf_file = job.record_file(info), job.tsdf_file(info)
    if record_file.is_file():
        record = read_object(record_file)
        if (
            is_made_from(record, inputs)
            and tsdf_file.is_file()
            and file_digest(tsdf_file) == record['sha256']
        ):
            return
    frame = make_frame(info, job.profile, job.scenes.get(sample_idx))
    sensor, weight = (
        read_npz(info['tsdf_path'], key, nyu.GRID.num_voxels)
        for key in ('arr_0', 'arr_1')
    )
    remove_file(record_file)
    write_file(tsdf_file, encode_npz([frame.tsdf.ravel(), weight.astype(np.uint8)]))
    pose = dict(
        cam2world=frame.pose.cam2world.tolist(),
        cam2img=intrinsics_of(info, job.profile).cam2img.tolist(),
        voxel_origin=[0.0, 0.0, 0.0],
        hit_share=frame.pose.hit_share,
        num_voxels=int(frame.pose.num_voxels),
        sensor_correlation=correlation(frame.tsdf, sensor),
    )
    write_json(
        record_file, dict(inputs=inputs, sha256=file_digest(tsdf_file), pose=pose)
    )
