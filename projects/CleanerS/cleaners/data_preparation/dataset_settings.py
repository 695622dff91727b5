"""What is the same for all frames of a data set, and where its twin is."""

import os
from pathlib import Path

from ..datasets.clean_twin import RECORD
from ..fileio.json_file import read_object
from ..utils.errors import InputError
from .dataset_layout import DatasetLayout, twin_owner
from .output_files import write_json
from .profile import Profile, get_profile


def keep_settings(layout: DatasetLayout, settings: dict) -> None:
    """Refuse to mix frames that were made with different settings.

    Args:
        layout (DatasetLayout): Where the frames are.
        settings (dict): What determines all frames, as JSON can hold it;
            recorded there the first time, with the place of the clean twin.

    Raises:
        ValueError: If frames with other settings or of another data set are
            there, or the folder of the clean twin is that of another.
    """
    path = layout.settings_file()
    _refuse_another(layout)
    if path.is_file() and _read_settings(layout) != settings:
        raise ValueError(
            f'{path}: the frames there were made with '
            f'{_read_settings(layout)}, not with {settings}; give another '
            '--out-dir or delete that folder and its clean twin'
        )
    if layout.twin:
        owner = twin_owner(layout.twin, layout.out_dir)
        if owner:
            raise ValueError(
                f'{layout.twin}: is the clean twin of {owner}, so that of '
                f'{layout.out_dir} cannot go there; give another --out-dir'
            )
        here = os.path.relpath(layout.out_dir, layout.twin)
        _write_changed(
            layout.twin / RECORD,
            dict(data_set=Path(here).as_posix(), settings=settings),
        )
        settings = dict(settings, twin=layout.twin_from_here)
    _write_changed(path, settings)


def _refuse_another(layout: DatasetLayout) -> None:
    """Refuse a folder that holds frames of another command, or a release.

    Raises:
        ValueError: With what is there; files have the same names in all of them.
    """
    own, folder = layout.settings_file(), layout.out_dir
    others = sorted(path for path in folder.glob('*_settings.json') if path != own)
    if others:
        raise ValueError(
            f'{folder}: holds another data set ({others[0].name}); give another '
            '--out-dir'
        )
    if not own.is_file() and any(folder.glob('TSDF/*')):
        raise ValueError(
            f'{folder}: holds a data set already, which was made otherwise; give '
            'another --out-dir'
        )


def recorded_profile(layout: DatasetLayout) -> Profile:
    """Rules that made the frames of a data set.

    Args:
        layout (DatasetLayout): Of the data set.

    Returns:
        Profile: That of the settings.

    Raises:
        InputError: If they name none, or one that is not known.
    """
    name = _read_settings(layout).get('profile')
    if name is None:
        raise InputError(
            f"{layout.settings_file()} names no 'profile': by which rules the frames "
            'were made is not known; make them anew'
        )
    try:
        return get_profile(name)
    except InputError as error:
        raise InputError(f'{layout.settings_file()}: {error}') from error


def check_twin(layout: DatasetLayout) -> str:
    """Check that the clean twin is that of the data set.

    Args:
        layout (DatasetLayout): Of the data set.

    Returns:
        str: What is wrong; '' if nothing is.
    """
    if not layout.twin:
        return ''
    path = layout.twin / RECORD
    if not path.is_file():
        return f'{path}: missing, so whose twin that is is not known'
    if read_object(path).get('settings') != _read_settings(layout):
        return f'{path}: the twin of a data set with other settings'
    return ''


def _read_settings(layout: DatasetLayout) -> dict:
    """Settings without the place of the twin."""
    settings = read_object(layout.settings_file())
    settings.pop('twin', None)
    return settings


def _write_changed(path: Path, content: dict) -> None:
    """Write a JSON file unless it says the same already."""
    if not path.is_file() or read_object(path) != content:
        write_json(path, content)
