"""Full and read-only disks, permissions, Ctrl-C: one line, nothing half written."""

import os
import signal
import subprocess
import time

import pytest
from result_digests import results_of

from cleaners.utils.checkpoint import read_checkpoint

NAMES = ('train', 'prepare', 'export', 'test', 'complete')


@pytest.fixture
def mount(tmp_path):
    """Mount a small disk; what root alone may do."""
    folder = tmp_path / 'disk'
    folder.mkdir()
    mounted = []

    def mount(options):
        command = ['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
            pytest.skip('a disk can only be mounted by root')
        mounted.append(folder)
        return folder / 'out'

    yield mount
    for disk in mounted:
        subprocess.run(['umount', '-l', str(disk)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize(
    'options, reason',
    [('size=48k', 'No space left on device'), ('ro', 'Read-only file system')],
)
def test_a_disk_that_takes_nothing(start, mount, name, options, reason):
    out = mount(options)
    process = start(name, out)
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    last = errors.strip().splitlines()[-1]
    # the first that a training writes are logs of mmengine, which names no file
    is_log = (name, options) == ('train', 'size=48k')
    assert reason in last and (is_log or str(out.parent) in last), errors
    assert 'Traceback' not in errors, errors
    left = [path.name for path in out.parent.rglob('*') if path.is_file()]
    assert not [name for name in left if name.endswith('.tmp')], left


@pytest.fixture
def without_rights():
    """What to start a command with, that permissions count for root, too."""
    if os.geteuid():
        return ()
    before = 'setpriv', '--bounding-set=-all', '--inh-caps=-all'
    if subprocess.run([*before, 'true'], capture_output=True).returncode:
        pytest.skip('setpriv cannot take rights away')
    return before


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_a_folder_that_may_not_be_written(start, tmp_path, without_rights, name):
    folder = tmp_path / 'theirs'
    folder.mkdir(mode=0o555)
    process = start(name, folder / 'out', without_rights)
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    last = errors.strip().splitlines()[-1]
    assert 'Permission denied' in last and str(folder) in last, errors
    assert 'Traceback' not in errors, errors
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    'name, of_small',
    [('test', 'tiny.pth'), ('train', 'Tiny/TSDF/0001.npz'), ('export', 'tiny.py')],
)
def test_a_file_that_may_not_be_read(
    start, small, tmp_path, without_rights, name, of_small
):
    path = small / of_small
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        process = start(name, tmp_path / 'out', without_rights)
        _, errors = process.communicate()
    finally:
        path.chmod(mode)
    last = errors.strip().splitlines()[-1]
    assert process.returncode == 1, errors
    assert 'Permission denied' in last and path.name in last, errors


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_ctrl_c(start, tmp_path, name):
    began = time.monotonic()
    whole = start(name, tmp_path / 'whole/out')
    assert whole.wait() == 0, whole.stderr.read()
    lasted = time.monotonic() - began
    # the second time may be faster, and done before it is interrupted
    for share in (0.75, 0.6, 0.45, 0.3):
        process = start(name, tmp_path / f'cut{share}/out')
        time.sleep(share * lasted)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()
        if errors or process.returncode not in (0, -signal.SIGINT):
            break
    assert 'Traceback' not in errors, errors
    # what is there is whole
    expected = results_of(tmp_path / 'whole')
    found = results_of(tmp_path / f'cut{share}')
    assert process.returncode == 130, errors
    assert 'interrupted' in errors.strip().splitlines()[-1]
    for name in found.keys() - expected.keys():
        # the best checkpoint had a better one later
        assert 'best_' in name
        assert read_checkpoint(tmp_path / f'cut{share}' / name)['state_dict']
        found.pop(name)
    assert {name: expected[name] for name in found} == found
