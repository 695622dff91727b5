"""What may be meant by a name that there is not."""

import difflib
from collections.abc import Iterable, Mapping


def did_you_mean(name: str, known: Iterable[str], shown: Mapping[str, str] = {}) -> str:
    """Suggest the known name that is most like one that there is not.

    Args:
        name (str): That there is not.
        known (Iterable[str]): Those that there are.
        shown (Mapping[str, str]): What is shown in place of a name. Defaults
            to none.

    Returns:
        str: ', did you mean ...?', to end a message; '' if none is alike.
    """
    for close in difflib.get_close_matches(name, known, n=1):
        return f', did you mean {shown.get(close, close)!r}?'
    return ''
