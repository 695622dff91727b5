"""The page of a comparison: one table of networks at an equal budget."""

from pathlib import Path
from typing import Optional

from mmengine.config import Config

from ..analysis.flops import count_network
from ..engine.student_config import student_cfg
from ..fileio.text_file import read_text
from ..utils.atomic_write import write_atomically
from ..utils.markdown_table import markdown_table
from .comparison_plan import Plan, reads_labels
from .data_facts import tell_data
from .seed_scores import (
    TOTALS,
    SeedScores,
    all_space_table,
    read_scores,
    score_table,
)
from .training_facts import tell_commands, tell_trainings

_MILLION = 1e6
_CLASS = 'ssc/'
_START = ', from the same 2DNet where it sees a photo'
_TRAINED = '/train'
# 2D labels that know those of the test frames (data/README.md)
_LEAK = 'Seg2D'
_LEAK_NOTE = (
    f'{_LEAK} knows the labels of the test frames: rows with it compare with one '
    'another alone.'
)
_SIZE_NOTE = (
    'Parameters and GFLOP leave out the networks that made 2D labels, and those that '
    'only train another one.'
)


def write_page(plan: Plan, path: Path, notes: Optional[Path] = None) -> None:
    """Write the page.

    Args:
        plan (Plan): As much of it as is done is told.
        path (Path): ``NAME.md``.
        notes (Path, optional): File of text that stands before the tables.
            Defaults to None.
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
        parts.append(read_text(notes, 'page of notes').strip())
    rows = {
        config: scores
        for config in settings.configs
        if (scores := read_scores(plan.runs(config))).runs
    }
    configs = [Config.fromfile(config) for config in rows]
    named = {Path(config).stem: scores for config, scores in rows.items()}
    parts += [
        _totals_table(rows, configs),
        _SIZE_NOTE,
        *([_LEAK_NOTE] if any(_LEAK in _inputs_of(cfg) for cfg in configs) else []),
        'IoU of each class:',
        score_table(named, _class_titles(named)),
        *all_space_table(named),
        *_tell_how(plan, list(rows), notes),
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


def _totals_table(rows: dict[str, SeedScores], configs: list[Config]) -> str:
    """A line a network: its size, and the scores of all classes together."""
    lines = []
    for (config, scores), cfg in zip(rows.items(), configs):
        total = count_network(cfg)['total']
        lines.append(
            [
                Path(config).stem,
                _inputs_of(cfg),
                f'{total["parameters"] / _MILLION:.2f}',
                f'{total["trainable"] / _MILLION:.2f}',
                f'{total["gflop"]:.0f}',
                *map(scores.text, TOTALS),
            ]
        )
    return markdown_table(
        [
            '',
            'sees',
            'parameters (M)',
            'of them trained',
            'GFLOP a frame',
            *TOTALS.values(),
        ],
        lines,
        texts=2,
    )


def _inputs_of(cfg: Config) -> str:
    """Say what a network sees."""
    labels = reads_labels(cfg)
    if labels is not None:
        return f'depth, 2D labels ({labels})'
    return 'depth, photo' if student_cfg(cfg.model).get('head_2d') else 'depth'


def _tell_how(plan: Plan, configs: list[str], notes: Optional[Path]) -> list[str]:
    """Commands, times and hashes."""
    settings = plan.settings
    # teachers of students among them, and 2DNets
    trained = {
        stage.name.removesuffix(_TRAINED): stage.result
        for stage in plan.stages()
        if stage.result.suffix == '.pth'
    }
    return [
        tell_commands('compare_networks.py', settings, notes),
        *tell_data(
            configs,
            settings.data_root,
            plan.twin,
            [settings.pretrain] if settings.pretrain else [],
        ),
        *tell_trainings({n: path for n, path in trained.items() if path.exists()}),
    ]
