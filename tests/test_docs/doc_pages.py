"""The Markdown of the repository, and what its pages hold."""

from pathlib import Path

from markdown_text import fences

ROOT = Path(__file__).resolve().parents[2]
# not those that a user puts into data/ and work_dirs/
_PATTERNS = (
    '*.md',
    '{data,work_dirs}/README.md',
    '{.github,configs,demo,docs,projects,resume,tests,tools}/**/*.md',
)


def _expand(pattern: str) -> list[str]:
    before, brace, rest = pattern.partition('{')
    names, _, after = rest.partition('}')
    return [before + name + after for name in names.split(',')] if brace else [pattern]


PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in _PATTERNS
    for name in _expand(pattern)
    for path in ROOT.glob(name)
    if 'node_modules' not in path.parts
)


def read(page: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / page).read_text(encoding='utf-8')


def code_blocks(*languages: str) -> list[tuple[str, int, str]]:
    """List page, line and code of the blocks in these languages."""
    return [
        (page, block.line, block.code)
        for page in PAGES
        for block in fences(read(page))
        if block.language in languages
    ]
