"""The scores of the experiment, as rows of tables."""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from .gain_plan import ERRORS, SCORES, Plan, TrainedModel

Scores = dict[str, float]
NAMES = {
    'teacher': 'teacher, on TSDF-CAD',
    'baseline': 'baseline',
    'student': 'student',
    'student_kd-t': 'student, KD-T alone',
    'student_kd-sc-sa': 'student, KD-SC and KD-SA',
}


class Row(NamedTuple):
    """A network of one league, trained with one or several seeds.

    Attributes:
        league (str): Of the plan.
        role (str): Key of :data:`NAMES`.
        runs (list[dict]): Scores by key, of one seed each.
    """

    league: str
    role: str
    runs: list[Scores]

    def mean(self, key: str) -> float:
        """Mean of a score over the runs."""
        return statistics.fmean(run[key] for run in self.runs)

    def deviation(self, key: str) -> Optional[float]:
        """Sample standard deviation; None of a single run."""
        if len(self.runs) < 2:
            return None
        return statistics.stdev(run[key] for run in self.runs)

    def text(self, key: str, digits: int = 1) -> str:
        """Mean and, of several runs, standard deviation."""
        deviation = self.deviation(key)
        text = f'{self.mean(key):.{digits}f}'
        return text if deviation is None else (f'{text} ± {deviation:.{digits}f}')


def read_rows(plan: Plan) -> list[Row]:
    """Collect the scores that are there.

    Returns:
        list[Row]: League by league, in the order of :data:`NAMES`.
    """
    rows = []
    for league in plan.settings.leagues:
        for role in NAMES:
            runs = [
                json.loads(_file(plan, model, SCORES).read_text())
                for model in plan.models
                if (model.league, model.role) == (league, role)
                and _file(plan, model, SCORES).exists()
            ]
            if runs:
                rows.append(Row(league, role, runs))
    return rows


def read_errors(plan: Plan) -> dict[TrainedModel, dict]:
    """Collect the error reports that are there."""
    paths = {model: _file(plan, model, ERRORS) for model in plan.models}
    return {
        model: json.loads(path.read_text())
        for model, path in paths.items()
        if path.exists()
    }


def _file(plan: Plan, model: TrainedModel, name: str) -> Path:
    return plan.folder / model.name / name


class Gain(NamedTuple):
    """What a score gains from baseline to student.

    Attributes:
        mean (float): Over the seeds that have both.
        deviation (float, optional): Sample standard deviation of the gain
            of a seed; None with a single one.
        seeds (int): How many.
    """

    mean: float
    deviation: Optional[float]
    seeds: int


def gain_of(baseline: Sequence[Scores], student: Sequence[Scores], key: str) -> Gain:
    """Compare runs of the same seeds.

    Args:
        baseline (Sequence[dict]): Scores of each seed.
        student (Sequence[dict]): Likewise, in the same order; the longer of
            the two is cut.
        key (str): The score.
    """
    gains = [s[key] - b[key] for b, s in zip(baseline, student)]
    deviation = statistics.stdev(gains) if len(gains) > 1 else None
    return Gain(statistics.fmean(gains), deviation, len(gains))


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence]) -> str:
    """Format a table; all columns but the first are right-aligned."""
    lines = [titles, ['---', *['---:'] * (len(titles) - 1)], *rows]
    return '\n'.join(f'| {" | ".join(map(str, line))} |' for line in lines)
