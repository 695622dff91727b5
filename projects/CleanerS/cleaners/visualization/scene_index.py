"""One page that leads to the pages of many frames."""

import html
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple, Optional
from urllib.parse import quote

from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError

# stem of its file
INDEX = 'index'
# key of a number that is missing, which comes last
_BLANK = 'Infinity'
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 72rem; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; font-weight: 600; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ padding: .4rem .8rem; text-align: right;
  border-bottom: 1px solid
    color-mix(in srgb, currentColor 15%, transparent); }}
th:first-child, td:first-child {{ text-align: left; }}
th button {{ font: inherit; font-weight: 600; color: inherit; background: none;
  border: 0; padding: 0; cursor: pointer; }}
th[aria-sort=ascending] button::after {{ content: " \\25B2"; }}
th[aria-sort=descending] button::after {{ content: " \\25BC"; }}
td a {{ display: flex; align-items: center; gap: 1rem; color: inherit; }}
img {{ width: 16rem; max-width: 45vw; height: auto; border-radius: 4px; }}
</style>
</head>
<body>
<h1>{title}</h1>
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
<script>
const body = document.querySelector('tbody');
for (const button of document.querySelectorAll('th button')) {{
  button.addEventListener('click', () => {{
    const head = button.parentElement;
    const column = head.cellIndex;
    const up = head.getAttribute('aria-sort') !== 'ascending';
    for (const other of head.parentElement.children) {{
      other.removeAttribute('aria-sort');
    }}
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const key = (row) => row.cells[column].dataset.key;
    const compare = (a, b) => column === 0 ? a.localeCompare(b) : a - b;
    const isBlank = (row) => key(row) === '{blank}';
    const rows = [...body.rows].filter((row) => !isBlank(row));
    rows.sort((a, b) => compare(key(a), key(b)));
    body.append(...(up ? rows : rows.reverse()), ...[...body.rows].filter(isBlank));
  }});
}}
</script>
</body>
</html>
"""


class IndexEntry(NamedTuple):
    """One frame.

    Attributes:
        name (str): Of the frame.
        page (str): Its page, relative to the index.
        picture (str): Its picture, likewise.
        numbers (dict[str, float]): By the title of their column; what is
            missing is left blank.
    """

    name: str
    page: str
    picture: str
    numbers: dict[str, float]


def check_frame_names(names: Collection[str], taken: Sequence[str] = (INDEX,)) -> None:
    """Refuse a frame whose page would be that of all frames.

    Args:
        names (Collection[str]): Of the frames.
        taken (Sequence[str]): Names of the pages of all frames. Defaults to
            that of the index.

    Raises:
        InputError: If there is one.
    """
    for name in taken:
        if name in names:
            raise InputError(
                f"{name}.html is the page of all frames, and of the frame '{name}': "
                'give its files another name'
            )


def write_scene_index(path: Path, title: str, entries: Sequence[IndexEntry]) -> None:
    """Write a table of frames that can be sorted by each column.

    Args:
        path (Path): The HTML file; written whole or not at all.
        title (str): Heading, plain text.
        entries (Sequence[IndexEntry]): In the order in which they are shown.
    """
    titles = list(dict.fromkeys(title for entry in entries for title in entry.numbers))
    heads = ''.join(
        f'<th scope="col"><button type="button">{html.escape(name)}</button></th>'
        for name in ('frame', *titles)
    )
    page = _PAGE.format(
        title=html.escape(title),
        heads=heads,
        blank=_BLANK,
        rows='\n'.join(_row(entry, titles) for entry in entries),
    )
    write_atomically(path, page.encode())


def _row(entry: IndexEntry, titles: list[str]) -> str:
    name = html.escape(entry.name)
    page, picture = (quote(path) for path in (entry.page, entry.picture))
    cells = [
        f'<td data-key="{name}"><a href="{page}"><img src="{picture}" alt="" '
        f'loading="lazy">{name}</a></td>'
    ]
    cells += [_number_cell(entry.numbers.get(title)) for title in titles]
    return f'<tr>{"".join(cells)}</tr>'


def _number_cell(number: Optional[float]) -> str:
    if number is None:
        return f'<td data-key="{_BLANK}"></td>'
    return f'<td data-key="{number}">{number:.1f}</td>'
