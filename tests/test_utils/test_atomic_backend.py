import os
import stat

import mmengine
import pytest
from mmengine.fileio import get_file_backend

import cleaners.register_modules  # noqa: F401
from cleaners.utils.atomic_backend import AtomicLocalBackend
from cleaners.utils.atomic_write import write_atomically


def test_mmengine_writes_through_it(tmp_path):
    path = tmp_path / 'folder' / 'scores.json'
    assert isinstance(get_file_backend(str(path)), AtomicLocalBackend)
    mmengine.dump({'a': 1}, str(path))
    assert mmengine.load(str(path)) == {'a': 1}
    assert os.listdir(path.parent) == ['scores.json']


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    write_atomically(path, b'whole')
    with pytest.raises(TypeError):
        write_atomically(path, 'not bytes: fails while writing')
    assert path.read_bytes() == b'whole'
    assert os.listdir(tmp_path) == ['epoch_1.pth']


def test_permissions_follow_the_umask(tmp_path):
    mask = os.umask(0o027)
    try:
        AtomicLocalBackend().put(b'x', tmp_path / 'file')
    finally:
        os.umask(mask)
    assert stat.S_IMODE(os.stat(tmp_path / 'file').st_mode) == 0o640
