"""Tables of the pages that the project writes."""

from collections.abc import Iterable, Sequence


def markdown_table(
    titles: Sequence[str], rows: Iterable[Iterable], texts: int = 1
) -> str:
    """Format a table.

    Args:
        titles (Sequence[str]): Of the columns.
        rows (Iterable[Iterable]): Cells, as :func:`str` shows them.
        texts (int): The first so many columns are left-aligned, as texts;
            the others are numbers. Defaults to 1.
    """
    rule = ['---'] * texts + ['---:'] * (len(titles) - texts)
    return '\n'.join(
        f'| {" | ".join(map(str, line))} |' for line in [titles, rule, *rows]
    )
