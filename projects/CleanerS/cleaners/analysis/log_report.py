"""Training runs beside each other: tables of scores, and curves."""

import io
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Optional

from matplotlib.figure import Figure

from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError
from ..utils.similar_names import did_you_mean
from .train_logs import Entries, Run, known_keys, read_run, short_names, values_of

_CURVES = ('loss', 'ssc/mIoU')
# of a validation, but no scores
_TIMES = {'step', 'time', 'data_time'}


def compare_runs(
    paths: Sequence[str],
    keys: Optional[Sequence[str]] = None,
    picture: Optional[str] = None,
) -> None:
    """Read runs, print their tables, draw their curves.

    Args:
        paths (Sequence[str]): Work dirs, or logs.
        keys (Sequence[str], optional): The validation scores to print and
            the curves to draw. Defaults to None: all scores; loss and mIoU.
        picture (str, optional): File for the curves; its ending is the
            format. Defaults to None: none are drawn.

    Raises:
        InputError: If there is no log, it is damaged, or no run has logged
            one of the keys.
    """
    runs = [read_run(*pair) for pair in zip(paths, short_names(paths))]
    known = known_keys(runs)
    check_keys(keys or (), known)
    print('\n\n'.join(format_run(run, keys) for run in runs))
    if picture:
        keys = keys or [key for key in _CURVES if key in known] or _CURVES
        check_keys(keys, known)
        content = io.BytesIO()
        draw_curves(runs, keys).savefig(content, format=Path(picture).suffix[1:])
        write_atomically(picture, content.getvalue())


def check_keys(keys: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a key that no run has logged.

    Raises:
        InputError: With the nearest key.
    """
    for key in keys:
        if key not in known:
            raise InputError(
                f'no run has logged {key!r}{did_you_mean(key, known)} (there are '
                f'{", ".join(known)})'
            )


def format_run(run: Run, keys: Optional[Sequence[str]] = None) -> str:
    """Format how far a run came, how fast, and its scores.

    Args:
        run (Run): The run.
        keys (Sequence[str], optional): The scores. Defaults to None: all.
    """
    done = f'iterations {max(run.train, default=0)}'
    if run.unit == 'epoch':
        epochs = [*values_of(run.train, 'epoch').values(), *run.val]
        done = f'epochs {max(epochs, default=0)}, {done}'
    lines = [run.name, done]
    seconds = list(values_of(run.train, 'time').values())
    if seconds:
        lines.append(
            f'seconds an iteration: mean '
            f'{statistics.mean(seconds):.4g}, median '
            f'{statistics.median(seconds):.4g}'
        )
    scores = dict.fromkeys(key for row in run.val.values() for key in row)
    return '\n'.join(
        lines
        + format_scores(
            run.val,
            [key for key in scores if key in (keys or scores.keys() - _TIMES)],
            run.unit,
        )
    )


def format_scores(val: Entries, keys: Sequence[str], unit: str) -> list[str]:
    """Format the last and the best value of each key as lines of a table."""
    if not keys:
        return []
    width, column = max(map(len, ['validation', *keys])), len(unit) + 2
    titles = ''.join(f'{title:>10}{unit:>{column}}' for title in ('last', 'best'))
    lines = [f'{"validation":<{width}}{titles}']
    for key in keys:
        pairs = last_and_best(values_of(val, key))
        lines.append(
            f'{key:<{width}}'
            + ''.join(f'{value:>10.4g}{when:>{column}}' for when, value in pairs)
        )
    return lines


def last_and_best(values: dict[int, float]) -> list[tuple[int, float]]:
    """Return epoch (or iteration) and value of the last score and of the best.

    Args:
        values (dict[int, float]): By epoch or iteration, ascending.

    Returns:
        list[tuple[int, float]]: The best is the largest, the first of equal
        ones; nan is no score.
    """
    best = max(values, key=lambda e: (not math.isnan(values[e]), values[e]))
    return [(epoch, values[epoch]) for epoch in (max(values), best)]


def draw_curves(runs: Sequence[Run], keys: Sequence[str]) -> Figure:
    """Draw the curves of all runs, a picture below the other for each key.

    Args:
        runs (Sequence[Run]): The runs.
        keys (Sequence[str]): Of the training, or else of the validation.

    Returns:
        Figure: A key of the training over the iteration, one of the
        validation over the epoch, or the iteration where runs count these.
    """
    figure = Figure((9, 3.5 * len(keys)), layout='constrained')
    pictures = figure.subplots(len(keys), squeeze=False)[:, 0]
    for axes, key in zip(pictures, keys):
        is_train = any(values_of(run.train, key) for run in runs)
        for number, run in enumerate(runs):
            values = values_of(run.train if is_train else run.val, key)
            if values:
                axes.plot(
                    list(values),
                    list(values.values()),
                    color=f'C{number}',
                    marker='.',
                    label=run.name,
                )
        units = {'iteration'} if is_train else {run.unit for run in runs}
        axes.set(xlabel=' or '.join(sorted(units)), ylabel=key)
        axes.grid(alpha=0.3)
        axes.legend()
    return figure
