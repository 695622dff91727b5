"""Links, anchors and names of pages lead to what is there."""

import posixpath
import re

import pytest
from doc_pages import PAGES, ROOT, read
from markdown_text import anchors, links

# written by hand: all that may name a page
SOURCES = ('projects', 'tools', 'configs', 'demo', 'tests', 'docs', 'requirements')
SUFFIXES = {'.py', '.sh', '.md', '.txt', '.yml', '.toml'}


def resolve(page, target):
    """Return the file that a link leads to, relative to the root."""
    if not target:
        return page
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), target))


def test_the_pages_are_found():
    assert {'README.md', 'docs/faq.md', 'projects/AMMNet/README.md'} <= set(PAGES)


@pytest.mark.parametrize('page', PAGES)
def test_every_link_of_a_page_leads_somewhere(page):
    dead = []
    for link in links(read(page)):
        if link.is_external:
            assert link.target.startswith(('https://', 'http://', 'mailto:'))
            continue
        target, _, anchor = link.target.partition('#')
        path = resolve(page, target)
        is_inside = not path.startswith('..')
        if not is_inside or not (ROOT / path).exists():
            dead.append(f'{page}:{link.line}: {link.target}')
        elif anchor and anchor not in anchors(read(path)):
            dead.append(f'{page}:{link.line}: no heading #{anchor} in {path}')
    assert not dead, '\n'.join(dead)


def test_a_page_that_is_named_in_passing_is_there():
    """In comments, docstrings, messages of errors and help texts."""
    missing = set()
    paths = [p for name in SOURCES for p in (ROOT / name).rglob('*')]
    for path in [*ROOT.glob('*'), *paths]:
        if path.suffix not in SUFFIXES or 'node_modules' in path.parts:
            continue
        for name in re.findall(r'(?<![\w/.])docs/[\w/-]+\.md', path.read_text()):
            if not (ROOT / name).is_file():
                missing.add(f'{path.relative_to(ROOT)}: {name}')
    # tests of the hook name pages that they make
    assert not missing, '\n'.join(sorted(missing))
