"""Compare the logs of training runs: ``analyze_logs.py RUN [RUN ...]``.

A RUN is a work dir or one scalars.json in it. A work dir stands for all its
logs, one after the other: a run that was resumed has several, and from where
a later one starts it replaces the earlier ones.

Prints how far each run came, its seconds an iteration, and the last and the
best (the largest) of each validation score; --out draws curves.
"""
import argparse
import difflib
import io
import json
import math
import statistics
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

CURVES = ('loss', 'ssc/mIoU')
PICTURES = ('.png', '.pdf', '.svg')
# of a validation, but no scores
TIMES = {'step', 'time', 'data_time'}
Entries = Dict[int, Dict[str, float]]


class Run(NamedTuple):
    """What a run has logged.

    Attributes:
        name (str): For tables and legends.
        train (dict[int, dict]): By iteration: losses, time, ...
        val (dict[int, dict]): By epoch: scores.
    """

    name: str
    train: Entries
    val: Entries


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'runs', nargs='+', metavar='RUN', help='work dir, or scalars.json')
    parser.add_argument(
        '--keys',
        nargs='+',
        metavar='KEY',
        help='the validation scores to print and the curves to draw '
        f'(default: all scores; {" and ".join(CURVES)})')
    parser.add_argument(
        '--out',
        type=Path,
        metavar='CURVES.png',
        help='draw there, one picture a key: training over the iteration, '
        'validation over the epoch (.png, .pdf or .svg)')
    args = parser.parse_args()
    if args.out and args.out.suffix not in PICTURES:
        parser.error(f'--out should end in {", ".join(PICTURES)}, but got '
                     f'{args.out}')
    return args


def main() -> None:
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        analyze(args)


def analyze(args: argparse.Namespace) -> None:
    """Read, print the tables, draw the curves."""
    from cleaners.utils.atomic_write import write_atomically
    runs = [
        read_run(path, name)
        for path, name in zip(args.runs, short_names(args.runs))
    ]
    known = known_keys(runs)
    check_keys(args.keys or (), known)
    print('\n\n'.join(format_run(run, args.keys) for run in runs))
    if args.out:
        keys = args.keys or [key for key in CURVES if key in known] or CURVES
        check_keys(keys, known)
        picture = io.BytesIO()
        draw_curves(runs, keys).savefig(picture, format=args.out.suffix[1:])
        write_atomically(args.out, picture.getvalue())


def short_names(paths: Sequence[str]) -> List[str]:
    """Return the last parts of the work dirs where these tell them apart."""
    names = [Path(path).resolve().name for path in paths]
    is_clear = len(set(names)) == len(names) and not any(
        Path(path).is_file() for path in paths)
    return names if is_clear else list(paths)


def read_run(path: str, name: str) -> Run:
    """Read the logs of a run.

    Args:
        path (str): A work dir or a file.
        name (str): Of the run.

    Returns:
        Run: What is valid in the end.

    Raises:
        InputError: If there is no log, or it is damaged or empty.
    """
    from cleaners.utils.errors import InputError
    run = Run(name, {}, {})
    for log in find_logs(path):
        entries = read_log(log)
        replace_from(run.train, [row for row in entries if 'iter' in row])
        replace_from(run.val, [row for row in entries if 'iter' not in row])
    if not run.train and not run.val:
        raise InputError(f"the log of '{path}' is empty: the run has not yet "
                         'reached the first entry')
    return run


def find_logs(path: str) -> List[Path]:
    """Return the log files of a run, the oldest first.

    Raises:
        InputError: If there is none.
    """
    from cleaners.utils.errors import InputError
    if Path(path).is_file():
        return [Path(path)]
    # the folders are named by the time at which the run was started
    found = sorted(Path(path).glob('*/vis_data/scalars.json'))
    if not found:
        raise InputError(f"'{path}' is neither a log nor a work dir with logs "
                         '(TIME/vis_data/scalars.json)')
    return found


def read_log(path: Path) -> List[Dict[str, float]]:
    """Read the entries of a file, one a line.

    Raises:
        InputError: If a line is damaged. What follows the last line break is
            left out instead: a killed run may have written half of it.
    """
    from cleaners.utils.errors import InputError
    entries, lines = [], path.read_bytes().split(b'\n')
    for number, line in enumerate(lines, 1):
        try:
            entries.append(parse_entry(line))
        except ValueError as error:
            if number < len(lines):
                raise InputError(
                    f"log '{path}', line {number} is damaged: it should be "
                    "what mmengine's logger writes, a JSON object with an "
                    "integer 'step'; take the line out") from error
    return entries


def parse_entry(line: bytes) -> Dict[str, float]:
    """Return the numbers of a line.

    Raises:
        ValueError: If it is no entry.
    """
    entry = json.loads(line)
    if not isinstance(entry, dict) or type(entry.get('step')) is not int:
        raise ValueError('no entry of a log')
    return {
        key: value
        for key, value in entry.items() if isinstance(value, (int, float))
    }


def replace_from(entries: Entries, later: List[Dict[str, float]]) -> None:
    """Let a later log replace what earlier ones hold from its start on.

    Args:
        entries (dict[int, dict]): By step; changed in place.
        later (list[dict]): Each with its ``step``.
    """
    start = min((row['step'] for row in later), default=math.inf)
    for step in [step for step in entries if step >= start]:
        del entries[step]
    entries.update((row['step'], row) for row in later)


def known_keys(runs: Sequence[Run]) -> List[str]:
    """Return what any of the runs has logged."""
    return sorted({
        key
        for run in runs
        for rows in (run.train, run.val)
        for row in rows.values()
        for key in row
    })


def check_keys(keys: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a key that no run has logged.

    Raises:
        InputError: With the nearest key.
    """
    from cleaners.utils.errors import InputError
    for key in keys:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f', did you mean {close[0]!r}?' if close else ''
            raise InputError(f'no run has logged {key!r}{hint} (there are '
                             f'{", ".join(known)})')


def values_of(entries: Entries, key: str) -> Dict[int, float]:
    """Return the values of a key by step, ascending."""
    return {
        step: row[key]
        for step, row in sorted(entries.items()) if key in row
    }


def format_run(run: Run, keys: Optional[Sequence[str]] = None) -> str:
    """Format how far a run came, how fast, and its scores.

    Args:
        run (Run): The run.
        keys (Sequence[str], optional): The scores. Defaults to None: all.
    """
    epochs = [*values_of(run.train, 'epoch').values(), *run.val]
    lines = [
        run.name, f'epochs {max(epochs, default=0)}, '
        f'iterations {max(run.train, default=0)}'
    ]
    seconds = list(values_of(run.train, 'time').values())
    if seconds:
        lines.append(f'seconds an iteration: mean '
                     f'{statistics.mean(seconds):.4g}, median '
                     f'{statistics.median(seconds):.4g}')
    scores = dict.fromkeys(key for row in run.val.values() for key in row)
    return '\n'.join(lines + format_scores(
        run.val,
        [key for key in scores if key in (keys or scores.keys() - TIMES)]))


def format_scores(val: Entries, keys: Sequence[str]) -> List[str]:
    """Format the last and the best value of each key as lines of a table."""
    if not keys:
        return []
    width = max(map(len, ['validation', *keys]))
    lines = [
        f'{"validation":<{width}}{"last":>10}{"epoch":>7}{"best":>10}'
        f'{"epoch":>7}'
    ]
    for key in keys:
        pairs = last_and_best(values_of(val, key))
        lines.append(f'{key:<{width}}' + ''.join(f'{value:>10.4g}{epoch:>7}'
                                                 for epoch, value in pairs))
    return lines


def last_and_best(values: Dict[int, float]) -> List[Tuple[int, float]]:
    """Return epoch and value of the last score and of the best.

    Args:
        values (dict[int, float]): By epoch, ascending.

    Returns:
        list[tuple[int, float]]: The best is the largest, the first of equal
        ones; nan is no score.
    """
    best = max(values, key=lambda e: (not math.isnan(values[e]), values[e]))
    return [(epoch, values[epoch]) for epoch in (max(values), best)]


def draw_curves(runs: Sequence[Run], keys: Sequence[str]):
    """Draw the curves of all runs, a picture below the other for each key.

    Args:
        runs (Sequence[Run]): The runs.
        keys (Sequence[str]): Of the training, or else of the validation.

    Returns:
        Figure: A key of the training over the iteration, one of the
        validation over the epoch.
    """
    from matplotlib.figure import Figure
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
                    label=run.name)
        axes.set(xlabel='iteration' if is_train else 'epoch', ylabel=key)
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


if __name__ == '__main__':
    main()
