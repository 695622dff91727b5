"""The commands in the blocks of bash of the pages."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from doc_pages import code_blocks

# words of the shell that start no program
_GRAMMAR = {'do', 'done', 'wait', 'then', 'fi'}
_SEPARATORS = {';', '&', '&&', '|', '||'}
# programs that are not of this project, and why nothing of them is checked
FOREIGN = {
    'colcon': "ROS' build tool",
    'docker': 'builds the image',
    'git': 'clones the repositories of others',
    'ln': 'of the system',
    'mim': "OpenMMLab's installer",
    'npm': 'builds the scene page; its scripts are in package.json',
    'ros2': 'starts a node',
    'source': 'of the shell',
}


class Command(NamedTuple):
    """A command of a page.

    Attributes:
        page (str): Where it is written.
        line (int): Of its block.
        words (list[str]): Program and arguments; what is optional is in,
            variables are 1.
    """

    page: str
    line: int
    words: list[str]

    def __str__(self) -> str:
        return f'{self.page}:{self.line}: {shlex.join(self.words)}'


def all_commands() -> list[Command]:
    """List the commands of all pages."""
    return [
        Command(page, line, words)
        for page, line, code in code_blocks('bash', 'sh', 'console')
        for words in _split(code)
    ]


def _split(code: str) -> Iterator[list[str]]:
    """Yield the words of each command of a script."""
    for line in code.replace('\\\n', ' ').splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for token in [*lexer, ';']:
            if token not in _SEPARATORS:
                words.append(token)
                continue
            words = _clean(words)
            if words:
                yield words
            words = []


def _clean(words: list[str]) -> list[str]:
    """Drop what stands before the program; fill in what is left open."""
    words = [re.sub(r'\$\{?\w+\}?', '1', word) for word in words]
    while words and (words[0] in _GRAMMAR or re.match(r'[A-Z_]+=', words[0])):
        words = words[1:]
    if words and words[0] == 'for':
        return []
    return list(_without_brackets(words))


def _without_brackets(words: list[str]) -> Iterator[str]:
    """Take what is optional, as ``[--json FILE]``, for given."""
    is_optional = False
    for word in words:
        if word.startswith('['):
            is_optional, word = True, word[1:]
        if is_optional and word.endswith(']'):
            is_optional, word = False, word[:-1]
        yield word
