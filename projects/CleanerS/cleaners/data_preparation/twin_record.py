"""Which data set a clean twin is of."""

import os
from pathlib import Path

from ..datasets.clean_twin import RECORD
from ..datasets.prepared import read_settings
from ..fileio.json_file import read_object
from ..utils.errors import InputError
from .output_files import WriteError, write_json


def claim_twin(twin: Path, root: Path) -> None:
    """Record whose twin a folder is, unless it is another's.

    Args:
        twin (Path): Folder of the twin; made if it is not there.
        root (Path): Folder of the data set.

    Raises:
        InputError: If the folder holds something else, or cannot be written.
    """
    path = twin / RECORD
    content = dict(
        data_set=Path(os.path.relpath(root, twin)).as_posix(),
        settings=read_settings(str(root)),
        made_by='tsdf-cad',
    )
    if path.is_file():
        there = read_object(path)
        if there.get('made_by') != content['made_by']:
            raise InputError(
                f'{twin}: holds the clean twin that was made with '
                'a data set; give another --out-dir'
            )
        owner = (twin / there.get('data_set', '')).resolve()
        if owner != root:
            raise InputError(
                f'{twin}: is the clean twin of {owner}, so that of {root} cannot go '
                'there; give another --out-dir'
            )
    elif twin.is_dir() and any(twin.iterdir()):
        raise InputError(
            f'{twin}: is not empty, and no clean twin of '
            'tsdf-cad; give another --out-dir'
        )
    try:
        write_json(path, content)
    except WriteError as error:
        raise InputError(
            f'{error.args[0]}; name another place for the twin by --out-dir'
        ) from error
