"""A config as text that Python reads again."""

import ast
import tokenize
from functools import lru_cache
from typing import Any, Callable, Optional

from mmengine.config import config

# of a run, and of those that it is compared with
_MAX_TEXTS = 8


def remember_layouts() -> None:
    """Let every text of a config be laid out once in a process.

    mmengine does it anew five times at every start and at every checkpoint,
    and each takes yapf a second or more; the text is the same. Numbers that
    are not finite are spelled so that Python reads the text again.
    """
    if not isinstance(config.FormatCode, _RememberedLayouts):
        config.FormatCode = _RememberedLayouts(config.FormatCode)


class _RememberedLayouts:
    """A ``FormatCode`` of yapf that lays out each text once."""

    def __init__(self, format_code: Callable[..., tuple]) -> None:
        @lru_cache(_MAX_TEXTS)
        def layout(text: str, style: tuple, options: tuple) -> tuple:
            laid_out, *rest = format_code(
                text, style_config=dict(style), **dict(options)
            )
            return _spell_floats(laid_out), *rest

        self.layout = layout

    def __call__(self, text: str, style_config: dict, **options: Any) -> tuple:
        return self.layout(text, tuple(style_config.items()), tuple(options.items()))


def _spell_floats(text: str) -> str:
    """Write numbers that are not finite as Python reads them.

    Args:
        text (str): Of mmengine, with the names inf and nan in their place.
    """
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(iter(lines).__next__))
    # from the end, so that what is left stays where it is
    for token, following in reversed(list(zip(tokens, tokens[1:]))):
        if token.string in ('inf', 'nan') and following.string != '=':
            (row, start), (_, end) = token.start, token.end
            line, spelled = lines[row - 1], f"float('{token.string}')"
            lines[row - 1] = line[:start] + spelled + line[end:]
    return ''.join(lines)


def read_setting(text: str, *keys: str) -> Any:
    """Read a setting from the text of a config, which is not run.

    Args:
        text (str): Of mmengine, such as a checkpoint holds.
        *keys (str): Where it is, the outermost first.

    Returns:
        Any: Its value; None where there is none.

    Raises:
        ValueError: If the text is none of a config, or the setting is no
            literal.
    """
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise ValueError(f'no text of a config: {error}') from error
    settings = {
        target.id: node.value
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for key in keys[:-1]:
        settings = _keywords(settings.get(key))
    return _read_literal(settings.get(keys[-1]))


def _keywords(node: Optional[ast.expr]) -> dict[str, ast.expr]:
    """Return what is inside of ``dict(...)``; nothing where it is none."""
    return {item.arg: item.value for item in getattr(node, 'keywords', [])}


def _read_literal(node: Optional[ast.expr]) -> Any:
    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'dict':
        return {key: _read_literal(value) for key, value in _keywords(node).items()}
    return None if node is None else ast.literal_eval(node)
