"""Projects build on ``cleaners``; it knows none of them."""
import ast
from pathlib import Path
from typing import Set

import pytest

PROJECTS = Path(__file__).resolve().parents[2] / 'projects'
BASE = PROJECTS / 'CleanerS'


def packages_of(project: Path) -> Set[str]:
    return {path.parent.name for path in project.glob('*/__init__.py')}


def imported_by(source: str) -> Set[str]:
    """Return the top-level packages that a module names in its imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.split('.')[0] for name in names}


OTHERS = {
    name
    for project in PROJECTS.iterdir() if project != BASE
    for name in packages_of(project)
}


def test_imports_are_found_wherever_they_stand():
    source = ('import a.b, c\nfrom d.e import f\nfrom . import g\n'
              'def late():\n    from h import i\n')
    assert imported_by(source) == {'a', 'c', 'd', 'h'}


def test_the_base_imports_no_project():
    assert 'sketch3d' in OTHERS
    modules = sorted(BASE.rglob('*.py'))
    assert len(modules) > 100
    wrong = {
        str(path.relative_to(BASE)): found
        for path in modules
        if (found := imported_by(path.read_text(encoding='utf-8')) & OTHERS)
    }
    assert not wrong


@pytest.mark.parametrize('project', sorted(OTHERS))
def test_a_project_imports_no_other(project):
    folder, = PROJECTS.glob(f'*/{project}')
    for path in folder.rglob('*.py'):
        found = imported_by(path.read_text(encoding='utf-8'))
        assert not found & (OTHERS - {project}), path
