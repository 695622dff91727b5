"""Is a clean twin of ``tsdf-cad`` what it should be?"""

from pathlib import Path

from ..datasets import nyu
from ..datasets.clean_twin import RECORD
from ..datasets.open_folder import open_folder, splits_in
from ..fileio.file_digest import file_digest
from ..fileio.json_file import read_object
from ..fileio.npz_file import read_npz
from .frame_checks import leftover_faults, print_faults, run_checks, twin_faults
from .frame_record import stale_inputs


def is_clean_twin(folder: Path) -> bool:
    """Whether a folder was made by ``tsdf-cad``."""
    record = folder / RECORD
    return record.is_file() and read_object(record).get('made_by') == 'tsdf-cad'


def check_clean_twin(twin: Path, workers: int = 1) -> bool:
    """Check all files and print what is wrong.

    Args:
        twin (Path): Folder of the twin.
        workers (int): Processes. Defaults to 1.

    Returns:
        bool: Whether nothing is wrong.
    """
    faults = leftover_faults([twin])
    records = sorted((twin / 'Frames').glob('*.json'))
    faults += _missing_frames(twin, {record.stem for record in records})
    arguments = [(twin, record) for record in records]
    for found in run_checks(_check_frame, arguments, workers):
        faults += found
    print_faults(faults)
    print(f'{len(records)} frames of a clean twin: {len(faults) or "no"} faults')
    return not faults and bool(records)


def _missing_frames(twin: Path, made: set[str]) -> list[str]:
    """Frames of the data set, where it still lies, that are not made."""
    root = (twin / read_object(twin / RECORD).get('data_set', '')).resolve()
    faults = []
    for split in splits_in(str(root)):
        dataset = open_folder(str(root), split)
        names = {dataset.get_data_info(i)['sample_idx'] for i in range(len(dataset))}
        faults += [
            f'{name}: of {root}, but not in the twin; run tsdf-cad again'
            for name in sorted(names - made)
        ]
    return faults


def _check_frame(twin: Path, record_file: Path) -> list[str]:
    """What is wrong with a frame."""
    name = record_file.stem
    try:
        record = read_object(record_file)
        sensor = Path(record['inputs']['files']['tsdf']['path'])
        path = twin / 'TSDF' / sensor.name
        if not path.is_file():
            return [f'{path}: missing']
        if file_digest(path) != record['sha256']:
            return [f'{path}: changed since it was made']
        faults = [
            f'{name}: stale, {changed} changed since; run tsdf-cad again'
            for changed in stale_inputs(record)
        ]
        weight = None
        if sensor.is_file():
            weight = read_npz(sensor, 'arr_1', nyu.GRID.num_voxels)
        return faults + list(twin_faults(path, sensor, weight))
    except (ValueError, KeyError, TypeError) as error:
        return [f'{name}: {error}']
