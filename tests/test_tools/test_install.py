"""Which mmcv `make install` is asked for; nothing is installed here."""

import os
import re
import subprocess

import pytest


def run(repo_root, mmcv_ops, *command):
    # the tests may run in a make with variables of its own
    env = dict(os.environ, MMCV_OPS=mmcv_ops, MAKEFLAGS='')
    return subprocess.run(
        command, cwd=repo_root, env=env, capture_output=True, text=True
    )


@pytest.mark.parametrize('mmcv_ops', ['', '0', '1'])
def test_what_is_installed_is_looked_at_again_only_if_asked(
    repo_root, tmp_path, mmcv_ops
):
    (tmp_path / '.installed').touch()
    done = run(repo_root, mmcv_ops, 'make', '-n', 'install', f'VENV={tmp_path}')
    assert done.returncode == 0, done.stderr
    asked = f'bash tools/install.sh {tmp_path}' in done.stdout
    assert asked is bool(mmcv_ops)


def test_an_unknown_mmcv_is_refused_before_anything_is_made(repo_root, tmp_path):
    venv = tmp_path / 'venv'
    done = run(repo_root, 'yes', 'bash', 'tools/install.sh', str(venv))
    assert done.returncode == 1
    assert done.stderr == (
        'error: MMCV_OPS is 1 (with operators), 0 (without)'
        " or not set, but it is 'yes'\n"
    )
    assert not venv.exists()


def test_the_container_has_the_libraries_that_the_installer_wants(repo_root):
    wanted = re.findall(
        r'^    \[lib.*\]=(\S+)', (repo_root / 'tools/install.sh').read_text(), re.M
    )
    steps = (repo_root / 'docker/Dockerfile').read_text()
    install = steps[steps.index('apt-get install') : steps.index('rm -rf')]
    assert len(wanted) == 3
    assert set(wanted) == set(re.findall(r'\blib\S+', install))
    assert 'bash tools/install.sh' in steps
