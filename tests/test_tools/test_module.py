"""``python -m cleaners`` in a folder of one's own, with a config of one's own."""

import subprocess
import sys

import pytest

from cleaners.utils.package_files import list_tools


def run(folder, *arguments):
    command = [sys.executable, '-m', 'cleaners', *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_names_of_tools_are_told_apart(repo_root):
    scripts = (repo_root / 'tools').rglob('*.py')
    assert sorted(list_tools().values()) == sorted(scripts)


@pytest.mark.long
def test_a_config_of_another_repository(tmp_path):
    (tmp_path / 'configs').mkdir()
    (tmp_path / 'configs/office.py').write_text(
        "_base_ = '{{$CLEANERS_CONFIGS:configs}}/cleaners_depth-d32_baseline.py'\n"
        'model = dict(channels=16)\n'
    )
    done = run(tmp_path, 'print_config', 'configs/office.py', '--out', 'all.py')
    assert done.returncode == 0, done.stderr
    text = (tmp_path / 'all.py').read_text()
    assert 'channels=16' in text and "'NYUSSCDataset'" in text
    # a tool that imports what lies beside it, and one that there is not
    assert run(tmp_path, 'official2ammnet', '--help').returncode == 0
    done = run(tmp_path, 'trian')
    assert done.returncode == 1 and "there is no tool 'trian'" in done.stderr
    assert '  train\n' in done.stdout
