"""What training runs have logged.

A work dir stands for all its logs, one after the other: a run that was
resumed has several, and from where a later one starts it replaces the earlier
ones.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..utils.errors import InputError

Entries = dict[int, dict[str, float]]


class Run(NamedTuple):
    """What a run has logged.

    Attributes:
        name (str): For tables and legends.
        train (dict[int, dict]): By iteration: losses, time, ...
        val (dict[int, dict]): By epoch, or by iteration where the training
            counts these: scores.
    """

    name: str
    train: Entries
    val: Entries

    @property
    def unit(self) -> str:
        """Of what ``val`` is counted in: 'epoch' or 'iteration'."""
        counts_epochs = any('epoch' in row for row in self.train.values())
        return 'epoch' if counts_epochs or not self.train else 'iteration'


def short_names(paths: Sequence[str]) -> list[str]:
    """Return the last parts of the work dirs where these tell them apart."""
    names = [Path(path).resolve().name for path in paths]
    is_clear = len(set(names)) == len(names) and not any(
        Path(path).is_file() for path in paths
    )
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
    run = Run(name, {}, {})
    for log in find_logs(path):
        entries = read_log(log)
        drop_validations(run.val, entries)
        replace_from(run.train, [row for row in entries if 'iter' in row])
        replace_from(run.val, [row for row in entries if 'iter' not in row])
    if not run.train and not run.val:
        raise InputError(
            f"the log of '{path}' is empty: the run has not yet reached the first entry"
        )
    return run


def find_logs(path: str) -> list[Path]:
    """Return the log files of a run, the oldest first.

    Raises:
        InputError: If there is none.
    """
    if Path(path).is_file():
        return [Path(path)]
    # the folders are named by the time at which the run was started
    found = sorted(Path(path).glob('*/vis_data/scalars.json'))
    if not found:
        raise InputError(
            f"'{path}' is neither a log nor a work dir with logs "
            '(TIME/vis_data/scalars.json)'
        )
    return found


def read_log(path: Path) -> list[dict[str, float]]:
    """Read the entries of a file, one a line.

    Raises:
        InputError: If a line is damaged. What follows the last line break is
            left out instead: a killed run may have written half of it.
    """
    entries, lines = [], path.read_bytes().split(b'\n')
    for number, line in enumerate(lines, 1):
        try:
            entries.append(parse_entry(line))
        except ValueError as error:
            if number < len(lines):
                raise InputError(
                    f"log '{path}', line {number} is damaged: it should be "
                    "what mmengine's logger writes, a JSON object with an "
                    "integer 'step'; take the line out"
                ) from error
    return entries


def parse_entry(line: bytes) -> dict[str, float]:
    """Return the numbers of a line.

    Raises:
        ValueError: If it is no entry.
    """
    entry = json.loads(line)
    if not isinstance(entry, dict) or type(entry.get('step')) is not int:
        raise ValueError('no entry of a log')
    return {
        key: value for key, value in entry.items() if isinstance(value, (int, float))
    }


def replace_from(entries: Entries, later: list[dict[str, float]]) -> None:
    """Let a later log replace what earlier ones hold from its start on.

    Args:
        entries (dict[int, dict]): By step; changed in place.
        later (list[dict]): Each with its ``step``.
    """
    start = min((row['step'] for row in later), default=math.inf)
    for step in [step for step in entries if step >= start]:
        del entries[step]
    entries.update((int(row['step']), row) for row in later)


def drop_validations(validations: Entries, later: list[dict[str, float]]) -> None:
    """Forget the validations that a later log has not come to again.

    Args:
        validations (dict[int, dict]): By step, which counts epochs where the
            training does; changed in place.
        later (list[dict]): Entries of the later log.
    """
    training = [row for row in later if 'iter' in row]
    start = min((row.get('epoch', row['step']) for row in training), default=math.inf)
    for step in [step for step in validations if step >= start]:
        del validations[step]


def known_keys(runs: Sequence[Run]) -> list[str]:
    """Return what any of the runs has logged."""
    return sorted(
        {
            key
            for run in runs
            for rows in (run.train, run.val)
            for row in rows.values()
            for key in row
        }
    )


def values_of(entries: Entries, key: str) -> dict[int, float]:
    """Return the values of a key by step, ascending."""
    return {step: row[key] for step, row in sorted(entries.items()) if key in row}
