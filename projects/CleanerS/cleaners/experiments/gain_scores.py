"""The scores of the experiment on the distillation gain."""

import statistics
from typing import NamedTuple, Optional

from ..fileio.json_file import read_object
from .gain_plan import NAMES, Plan, TrainedModel
from .network_stages import ERRORS
from .seed_scores import SeedScores, read_scores


def read_league(plan: Plan, league: str) -> dict[str, SeedScores]:
    """Collect the scores of a league that are there.

    Returns:
        dict[str, SeedScores]: By role, in the order of :data:`NAMES`.
    """
    found = {
        role: read_scores(
            {
                model.seed: plan.folder / model.name
                for model in plan.models
                if (model.league, model.role) == (league, role)
            }
        )
        for role in NAMES
    }
    return {role: scores for role, scores in found.items() if scores.runs}


def read_errors(plan: Plan) -> dict[TrainedModel, dict]:
    """Collect the error reports of the first seed that are there."""
    paths = {model: plan.folder / model.name / ERRORS for model in plan.first_seed}
    return {model: read_object(path) for model, path in paths.items() if path.exists()}


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


def gain_of(baseline: SeedScores, student: SeedScores, key: str) -> Optional[Gain]:
    """Compare runs of the same seeds.

    Args:
        baseline (SeedScores): Scores by the seed.
        student (SeedScores): Likewise.
        key (str): The score.

    Returns:
        Gain: Over the seeds that both have; None where there is none.
    """
    both = sorted(set(baseline.runs) & set(student.runs))
    gains = [student.runs[seed][key] - baseline.runs[seed][key] for seed in both]
    if not gains:
        return None
    deviation = statistics.stdev(gains) if len(gains) > 1 else None
    return Gain(statistics.fmean(gains), deviation, len(gains))
