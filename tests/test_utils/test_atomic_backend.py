import errno
import os
import stat

import mmengine
import pytest
from mmengine.fileio import get_file_backend

import cleaners.register_modules  # noqa: F401
from cleaners.utils.atomic_backend import AtomicLocalBackend
from cleaners.utils.atomic_write import temporary_path, write_atomically


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


def test_what_fails_names_the_file(tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'fsync', fail)
    with pytest.raises(OSError, match='No space left on device: .*epoch_1.pth'):
        write_atomically(tmp_path / 'epoch_1.pth', b'whole')
    assert not os.listdir(tmp_path)


def test_permissions_follow_the_umask(tmp_path):
    mask = os.umask(0o027)
    try:
        AtomicLocalBackend().put(b'x', tmp_path / 'file')
    finally:
        os.umask(mask)
    assert stat.S_IMODE(os.stat(tmp_path / 'file').st_mode) == 0o640


def test_what_a_killed_process_left_is_removed(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    mine = temporary_path(path)
    dead = mine.with_name(mine.name.replace(f'.{os.getpid()}-', '.999999999-'))
    alive = mine.with_name(mine.name.replace(f'.{os.getpid()}-', f'.{os.getppid()}-'))
    other = dead.with_name(dead.name.replace('epoch_1', 'epoch_2'))
    for leftover in (dead, alive, other):
        leftover.touch()
    write_atomically(path, b'whole')
    assert set(tmp_path.iterdir()) == {path, alive, other}
