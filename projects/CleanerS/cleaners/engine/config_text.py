"""A config as text that Python reads again."""
import tokenize

from mmengine.config import Config


def config_text(cfg: Config) -> str:
    """Return the text of a config without bases, all numbers in it read."""
    return spell_floats(cfg.pretty_text)


def spell_floats(text: str) -> str:
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
