"""What a page of Markdown holds, as GitHub sees it: code, links, headings."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

_FENCE = re.compile(
    r'^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)\n'
    r'(?P<code>.*?)^ *(?P=fence)[`~]*[ ]*$',
    re.M | re.S,
)
_INLINE_CODE = re.compile(r'(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)', re.S)
# [text](target "title"), the same of images, and src="target" of HTML
_LINK = re.compile(
    r'\]\((?P<inline>[^()\s]+)(?: "[^"]*")?\)'
    r'|^\[[^\]]+\]:\s+(?P<reference>\S+)'
    r'|\b(?:src|srcset|href)="(?P<html>[^"]+)"',
    re.M,
)
_ITEM = re.compile(r'- |\d\. ')
_HEADING = re.compile(r'^#{1,6} +(.+?)(?: +#+)?$', re.M)


class Fence(NamedTuple):
    """A block of code between fences.

    Attributes:
        language (str): First word after the opening fence, '' without any.
        code (str): Without the indentation of the fence.
        line (int): Of the opening fence, from 1.
    """

    language: str
    code: str
    line: int


class Link(NamedTuple):
    """A link or an image.

    Attributes:
        target (str): As it is written.
        start (int): Where in the text the target begins.
        end (int): Where it ends.
        line (int): From 1.
    """

    target: str
    start: int
    end: int
    line: int

    @property
    def is_external(self) -> bool:
        """Whether it leads to an address, out of the repository."""
        return bool(re.match(r'[a-z][a-z0-9+.-]*:', self.target))


def fences(text: str) -> Iterator[Fence]:
    """Yield the blocks of code of a page."""
    for match in _FENCE.finditer(text):
        indent = re.compile(f'^ {{0,{len(match["indent"])}}}', re.M)
        words = match['info'].split()
        yield Fence(
            words[0] if words else '',
            indent.sub('', match['code']),
            text.count('\n', 0, match.start()) + 1,
        )


def links(text: str) -> Iterator[Link]:
    """Yield the links of a page, those in code left out."""
    for match in _LINK.finditer(_without_code(text)):
        start, end = match.span(match.lastgroup)
        yield Link(text[start:end], start, end, text.count('\n', 0, start) + 1)


def anchors(text: str) -> list[str]:
    """Return the anchors of the headings of a page, in their order."""
    blank = _FENCE.sub(lambda match: '\n' * match[0].count('\n'), text)
    found, seen = [], Counter()
    for match in _HEADING.finditer(blank):
        name = slug(match[1])
        found.append(f'{name}-{seen[name]}' if seen[name] else name)
        seen[name] += 1
    return found


def slug(heading: str, separator: str = '-') -> str:
    """Return the anchor of a heading, as GitHub makes it.

    Args:
        heading (str): Its text, with or without Markdown.
        separator (str): In place of a space. Defaults to '-'.
    """
    text = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading)
    text = re.sub(r'[^\w\- ]', '', text.strip().lower())
    return text.replace(' ', separator)


def deepen_lists(text: str) -> str:
    """Indent what belongs to an item of a list by four.

    GitHub asks for the width of the marker, Python-Markdown, which makes the
    site, for four, and for a blank line behind an item of several paragraphs.
    """
    lines: list[str] = []
    marker, in_fence, has_paragraphs = '', False, False
    for line in text.split('\n'):
        if line.startswith(('```', '~~~')):
            in_fence = not in_fence
        is_deeper = bool(marker) and line.startswith(' ' * len(marker))
        if line.strip() and not is_deeper:
            item = None if in_fence else _ITEM.match(line)
            if item and has_paragraphs and lines[-1]:
                lines.append('')
            marker, has_paragraphs = item[0] if item else '', False
        elif is_deeper and not lines[-1]:
            has_paragraphs = True
        lines.append(' ' * (4 - len(marker)) + line if is_deeper else line)
    return '\n'.join(lines)


def _without_code(text: str) -> str:
    """Blank out all code; what is left stays where it is."""
    for pattern in (_FENCE, _INLINE_CODE):
        text = pattern.sub(lambda match: re.sub(r'[^\n]', ' ', match[0]), text)
    return text
