"""Other methods import cleaners; cleaners knows none of them."""

import ast
import runpy
from pathlib import Path

import pytest
import setuptools
from mmengine.config import Config

PROJECTS = Path(__file__).resolve().parents[2] / 'projects'
BASE = PROJECTS / 'CleanerS' / 'cleaners'
OTHERS = sorted(
    path.parent for path in PROJECTS.glob('*/*/__init__.py') if path.parent != BASE
)


def imported(path):
    """Yield the names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


def test_there_are_other_methods():
    assert 'ammnet' in [path.name for path in OTHERS]


@pytest.mark.parametrize('package', OTHERS, ids=lambda path: path.name)
def test_cleaners_does_not_know_the_package(package):
    """Neither by an import nor by its name."""
    for path in BASE.rglob('*.py'):
        roots = {name.split('.')[0] for name in imported(path)}
        assert package.name not in roots, path
        # data of a method may be named after it
        assert package.name not in path.read_text(), path


@pytest.mark.parametrize('package', OTHERS, ids=lambda path: path.name)
def test_a_package_imports_cleaners_alone(package):
    names = {path.name for path in OTHERS} - {package.name}
    roots = {
        name.split('.')[0] for path in package.rglob('*.py') for name in imported(path)
    }
    assert 'cleaners' in roots and not roots & names


@pytest.mark.parametrize('package', OTHERS, ids=lambda path: path.name)
def test_a_package_is_checked_like_the_base(package, repo_root):
    tomllib = pytest.importorskip('tomllib', reason='Python before 3.11')
    tool = tomllib.loads((repo_root / 'pyproject.toml').read_text())['tool']
    assert package.name in tool['ruff']['lint']['isort']['known-first-party']
    assert package.name in tool['mypy']['packages']
    assert package.name in tool['coverage']['run']['source_pkgs']
    assert (package / 'py.typed').is_file()


@pytest.mark.parametrize('package', OTHERS, ids=lambda path: path.name)
def test_a_package_is_installed_and_its_configs_name_it(
    package, repo_root, monkeypatch
):
    given = {}
    monkeypatch.setattr(setuptools, 'setup', lambda **kwargs: given.update(kwargs))
    runpy.run_path(str(repo_root / 'setup.py'))
    assert package.name in given['packages']
    assert (
        repo_root / given['package_dir'][package.name] / 'register_modules.py'
    ).is_file()
    configs = sorted((repo_root / 'configs').glob(f'{package.name}_*.py'))
    assert configs
    for path in configs:
        assert Config.fromfile(path).custom_imports.imports == [
            'cleaners.register_modules',
            f'{package.name}.register_modules',
        ]
