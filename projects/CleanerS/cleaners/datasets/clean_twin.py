"""Where the clean twin of a data set lies.

The twin is a folder with the TSDF of clean depth, in files named as those of
the data set. ``tools/create_data.py`` writes it and says where it is; others
have it beside the data set.
"""

import os.path as osp
from collections.abc import Iterator

from ..fileio.json_file import read_object
from ..utils.errors import InputError
from .prepared import is_prepared, read_settings

# begins a value of ``data_prefix`` that lies in the twin
TOKEN = '{twin}'
# name of the twin: that of the data set and this
SUFFIX = '_clean'
# in the twin: which data set it is of, and that one's settings
RECORD = 'twin_of.json'
_OFFICIAL = 'NYUCAD'


class NoTwinError(InputError):
    """No clean twin is where one should be."""


def find_twin(
    data_root: str, subfolder: str = 'TSDF', given: str = '', recorded: str = ''
) -> str:
    """Find the clean twin of a data set.

    Args:
        data_root (str): Folder of the data set.
        subfolder (str): What the twin must hold. Defaults to 'TSDF'.
        given (str): The twin as the user names it, relative to the current
            directory; nothing else is looked at. Defaults to ''.
        recorded (str): The twin as the annotation file names it, relative
            to ``data_root``. Defaults to ''.

    Returns:
        str: The first that is there of: ``given``; ``recorded``;
        ``<data_root>_clean``; for data not made by ``tools/create_data.py``
        a folder ``NYUCAD`` beside it, as official releases have it.

    Raises:
        NoTwinError: If there is none.
        InputError: If ``given`` is none, or a record of a twin is damaged.
    """
    if given:
        if osp.isdir(osp.join(given, subfolder)):
            return given
        raise InputError(
            f"twin '{given}': no folder '{subfolder}' there; it "
            'should be the folder of the clean twin, such as '
            'data/NYU_clean'
        )
    looked_for = []
    for folder in dict.fromkeys(_candidates(data_root, recorded)):
        path = osp.join(folder, subfolder)
        if not osp.isdir(path):
            looked_for.append(path)
        elif _is_of_other_settings(folder, data_root):
            looked_for.append(f'{path} (of other settings, see {RECORD})')
        else:
            return folder
    raise NoTwinError(
        f"no clean twin of '{data_root}': looked for {', '.join(looked_for)}; "
        "name its folder by the data set's 'twin', or make it with "
        f"'tools/create_data.py tsdf-cad {data_root}' (create_data.py nyu and synth "
        'write it with the data set)'
    )


def _candidates(data_root: str, recorded: str) -> Iterator[str]:
    """Where the twin may be; links are followed, and not."""
    roots = osp.realpath(data_root), osp.abspath(data_root)
    if recorded:
        yield osp.normpath(osp.join(roots[0], recorded))
    yield from (root + SUFFIX for root in roots)
    # what create_data.py writes there is a benchmark with its own weights
    if not is_prepared(data_root):
        yield from (osp.join(osp.dirname(r), _OFFICIAL) for r in roots)


def _is_of_other_settings(twin: str, data_root: str) -> bool:
    """Whether both say how they were made, and not the same."""
    record = osp.join(twin, RECORD)
    if not (osp.isfile(record) and is_prepared(data_root)):
        return False
    return read_object(record).get('settings') != read_settings(data_root)
