"""What is packed, and that it works without a clone around it."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from cleaners.utils.shipped_weights import shipped_names

_BUILD = 'from setuptools import build_meta; build_meta.build_{}({!r})'
_CLONE_ALONE = ('.ci/', '.git', '.pre-commit', 'resume/', 'tests/', 'work_dirs/')
_PROBE = """
from pathlib import Path
import cleaners, ammnet, cvsformer, sketch3d
from cleaners.apis import init_ssc_model
from cleaners.utils.shipped_weights import shipped_names
here = Path.cwd().parent / 'installed'
for package in (cleaners, ammnet, cvsformer, sketch3d):
    assert here in Path(package.__file__).parents, package
names = shipped_names()
for name in names:
    weights = init_ssc_model(name).state_dict()
    assert all(value.isfinite().all() for value in weights.values()), name
# a config of the package, from a folder that has none
model = init_ssc_model('configs/cleaners_depth-d32.py')
print(len(names), sum(p.numel() for p in model.parameters()))
"""


@pytest.fixture(scope='module')
def kept(repo_root):
    """Names of the files of the clone, without what builds leave in it."""
    listed = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard'],
        cwd=repo_root,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip('not in a clone')
    return [name for name in listed.stdout.splitlines() if (repo_root / name).exists()]


def build(kind, source, target):
    subprocess.run(
        [sys.executable, '-c', _BUILD.format(kind, str(target))],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (packed,) = target.iterdir()
    return packed


@pytest.fixture(scope='module')
def source(repo_root, kept, tmp_path_factory):
    """What the source distribution of a fresh clone holds, unpacked."""
    root = tmp_path_factory.mktemp('packed')
    for name in kept:
        (root / 'clone' / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repo_root / name, root / 'clone' / name)
    with tarfile.open(build('sdist', root / 'clone', root / 'sdist')) as archive:
        archive.extractall(root / 'source', filter='data')
    (folder,) = (root / 'source').iterdir()
    return folder


@pytest.fixture(scope='module')
def wheel(source, tmp_path_factory):
    """A wheel made of what the source distribution holds, and no more."""
    return build('wheel', source, tmp_path_factory.mktemp('wheel') / 'dist')


def test_the_source_distribution_holds_what_is_kept(kept, source):
    """But for what only a clone needs; its pages and their links are whole."""
    wanted = {name for name in kept if not name.startswith(_CLONE_ALONE)}
    packed = {p.relative_to(source).as_posix() for p in source.rglob('*')}
    assert wanted - packed == set()


def test_configs_tools_and_weights_are_packed(repo_root, wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = repo_root.glob('projects/*/*/register_modules.py')
    for folder in (path.parent for path in packages):
        sources = (
            p
            for p in folder.rglob('*')
            if p.suffix in ('.py', '.pth', '.html', '.typed')
        )
        assert {p.relative_to(folder.parent).as_posix() for p in sources} <= names
    for folder in ('configs', 'tools'):
        for path in (repo_root / folder).rglob('*.py'):
            assert f'cleaners/.mim/{path.relative_to(repo_root).as_posix()}' in names
    assert not any(name.startswith(('tests/', 'resume/')) for name in names)


@pytest.mark.long
def test_it_works_from_a_wheel_alone(repo_root, wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / 'installed')
    (tmp_path / 'empty').mkdir()
    # before the editable install that runs the tests
    env = dict(os.environ, PYTHONPATH=str(tmp_path / 'installed'))
    done = subprocess.run(
        [sys.executable, '-c', _PROBE],
        cwd=tmp_path / 'empty',
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    named, parameters = map(int, done.stdout.split())
    assert named == len(shipped_names()) and parameters == 275_396
