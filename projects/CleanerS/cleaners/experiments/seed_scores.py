"""Scores of a network that was trained with one or several seeds."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Optional

from ..fileio.json_file import read_object
from ..utils.markdown_table import markdown_table
from .network_stages import SCORES

Scores = dict[str, float]
TOTALS = {
    'sc/precision': 'SC prec.',
    'sc/recall': 'recall',
    'sc/iou': 'IoU',
    'ssc/mIoU': 'SSC mIoU',
}
_ALL_SPACE = {
    'all/sc/iou': 'SC IoU, all',
    'all/ssc/mIoU': 'SSC mIoU, all',
    'occupied/free': 'free voxels called occupied',
    'occupied/ignored': 'voxels without label called occupied',
}


class SeedScores(NamedTuple):
    """Scores of one network.

    Attributes:
        runs (dict[int, dict]): Scores by key, by the seed.
    """

    runs: dict[int, Scores]

    def mean(self, key: str) -> float:
        """Mean of a score over the runs."""
        return statistics.fmean(run[key] for run in self.runs.values())

    def deviation(self, key: str) -> Optional[float]:
        """Sample standard deviation; None of a single run."""
        if len(self.runs) < 2:
            return None
        return statistics.stdev(run[key] for run in self.runs.values())

    def text(self, key: str) -> str:
        """Mean and, of several runs, standard deviation."""
        deviation = self.deviation(key)
        text = f'{self.mean(key):.1f}'
        return text if deviation is None else f'{text} ± {deviation:.1f}'


def read_scores(folders: Mapping[int, Path]) -> SeedScores:
    """Read the scores of one network that are there.

    Args:
        folders (Mapping[int, Path]): Of its trainings, by the seed.
    """
    paths = {seed: folder / SCORES for seed, folder in folders.items()}
    return SeedScores({s: read_object(p) for s, p in paths.items() if p.exists()})


def score_table(rows: dict[str, SeedScores], titles: dict[str, str]) -> str:
    """Format a table: a line a network, a column a score.

    Args:
        rows (dict[str, SeedScores]): By the name that is shown.
        titles (dict[str, str]): Of the columns, by the key of the score.
    """
    lines = [[name, *map(scores.text, titles)] for name, scores in rows.items()]
    return markdown_table(['', *titles.values()], lines)


def all_space_table(rows: dict[str, SeedScores]) -> list[str]:
    """Tell what networks say where the field's protocol does not look.

    Args:
        rows (dict[str, SeedScores]): By the name that is shown.
    """
    return [
        'All space: protocol `all`, in which visible free space counts, and what '
        "is called occupied where the paper's protocol does not look.",
        score_table(rows, _ALL_SPACE),
    ]
