"""configs/README.md has a place for every config."""

import re
from fnmatch import fnmatch

import pytest
from doc_pages import ROOT, read
from markdown_text import links

PAGE = 'configs/README.md'
CONFIGS = sorted(path.name for path in (ROOT / 'configs').glob('*.py'))
LINKED = {link.target for link in links(read(PAGE))}
# in backquotes, with a * for what varies
PATTERNS = re.findall(r'`([\w*-]*\*[\w*-]*\.py)`', read(PAGE))


@pytest.mark.parametrize('name', CONFIGS)
def test_a_config_is_named(name):
    assert name in LINKED or any(fnmatch(name, pattern) for pattern in PATTERNS)


@pytest.mark.parametrize('pattern', PATTERNS)
def test_a_pattern_stands_for_something_and_not_for_all(pattern):
    matched = [name for name in CONFIGS if fnmatch(name, pattern)]
    assert matched and len(matched) < len(CONFIGS) / 4
