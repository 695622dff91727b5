"""The page of a comparison: one table of networks at an equal budget."""

from pathlib import Path

from mmengine.config import Config

from ..analysis.flops import count_network
from ..utils.atomic_write import write_atomically
from ..utils.markdown_table import markdown_table
from .comparison_plan import Plan
from .data_facts import tell_data
from .seed_scores import TOTALS, SeedScores, read_scores, score_table
from .training_facts import tell_commands, tell_trainings

_MILLION = 1e6
_CLASS = 'ssc/'
_START = ', from the same 2DNet where it sees a photo'
_TRAINED = '/train'


def write_page(plan: Plan, path: Path, notes: str = '') -> None:
    """Write the page.

    Args:
        plan (Plan): As much of it as is done is told.
        path (Path): ``NAME.md``.
        notes (str): Text that stands before the tables. Defaults to '': none.
    """
    settings = plan.settings
    parts = [
        '# Networks at an equal budget',
        f'Each trained for {settings.epochs} epochs on all training frames (seeds: '
        f'{len(settings.seeds)}){_START if settings.pretrain else ""}; '
        'scored once on the test frames, after the last epoch. Percent; where there '
        'are several seeds, mean ± standard deviation.',
    ]
    if notes:
        parts.append(notes.strip())
    rows = {
        config: scores
        for config in settings.configs
        if (scores := read_scores(plan.runs(config))).runs
    }
    named = {Path(config).stem: scores for config, scores in rows.items()}
    parts += [
        _totals_table(rows),
        'IoU of each class:',
        score_table(named, _class_titles(named)),
        *_tell_how(plan, notes),
    ]
    write_atomically(path, ('\n\n'.join(parts) + '\n').encode())
    print(path)


def _class_titles(rows: dict[str, SeedScores]) -> dict[str, str]:
    """Names of the classes of the data set, by their key."""
    keys = [
        key
        for scores in rows.values()
        for run in scores.runs.values()
        for key in run
        if key.startswith(_CLASS) and key not in TOTALS
    ]
    return {key: key.removeprefix(_CLASS) for key in dict.fromkeys(keys)}


def _totals_table(rows: dict[str, SeedScores]) -> str:
    """A line a network: its size, and the scores of all classes together."""
    lines = []
    for config, scores in rows.items():
        total = count_network(Config.fromfile(config))['total']
        lines.append(
            [
                Path(config).stem,
                f'{total["parameters"] / _MILLION:.2f}',
                f'{total["gflop"]:.0f}',
                *map(scores.text, TOTALS),
            ]
        )
    return markdown_table(
        ['', 'parameters (M)', 'GFLOP a frame', *TOTALS.values()], lines
    )


def _tell_how(plan: Plan, notes: str) -> list[str]:
    """Commands, times and hashes."""
    settings = plan.settings
    # teachers of students among them
    pretraining = {stage.name for stage in plan.pretraining}
    trained = {
        stage.name.removesuffix(_TRAINED): stage.result
        for stage in plan.stages()
        if stage.name in pretraining or stage.name.endswith(_TRAINED)
    }
    return [
        tell_commands('compare_networks.py', settings, notes),
        *tell_data(
            settings.configs,
            settings.data_root,
            plan.twin,
            [settings.pretrain] if settings.pretrain else [],
        ),
        *tell_trainings({n: path for n, path in trained.items() if path.exists()}),
    ]
