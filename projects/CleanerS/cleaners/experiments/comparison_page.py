"""The page of a comparison: one table of networks at an equal budget."""

from pathlib import Path
from typing import Optional

from mmengine.config import Config

from ..analysis.flops import count_network
from ..datasets import nyu
from ..utils.atomic_write import write_atomically
from .comparison_plan import Plan
from .seed_scores import TOTALS, SeedScores, markdown_table, read_scores, score_table
from .training_facts import tell_trainings

_MILLION = 1e6


def write_page(plan: Plan, path: Path, notes: Optional[Path] = None) -> None:
    """Write the page.

    Args:
        plan (Plan): As much of it as is done is told.
        path (Path): ``NAME.md``.
        notes (Path, optional): Text that stands before the tables. Defaults
            to None.
    """
    settings = plan.settings
    parts = [
        '# Networks at an equal budget',
        f'Each trained for {settings.epochs} epochs on all training frames (seeds: '
        f'{len(settings.seeds)}), from the same 2DNet where it sees a photo; '
        'scored once on the test frames, after the last epoch. Percent; where there '
        'are several seeds, mean ± standard deviation.',
    ]
    if notes is not None:
        parts.append(notes.read_text().strip())
    rows = {
        config: scores
        for config in settings.configs
        if (scores := read_scores(plan.runs(config))).runs
    }
    named = {Path(config).stem: scores for config, scores in rows.items()}
    parts += [
        _totals_table(rows),
        'IoU of each class:',
        score_table(named, {f'ssc/{name}': name for name in nyu.CLASSES[1:]}),
        *_tell_how(plan),
    ]
    write_atomically(path, ('\n\n'.join(parts) + '\n').encode())
    print(path)


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


def _tell_how(plan: Plan) -> list[str]:
    """Command, times and hashes."""
    settings = plan.settings
    trained = {
        run.name: checkpoint
        for config in settings.configs
        for run in plan.runs(config).values()
        if (checkpoint := plan.checkpoint(run.name)).exists()
    }
    pretrain = f'    --pretrain {settings.pretrain} \\\n' if settings.pretrain else ''
    return [
        '## How to get it again',
        '```bash\npython tools/experiments/compare_networks.py run '
        '--work-dir work_dirs/compare --data-root data/NYU \\\n'
        f'    --epochs {settings.epochs} --seeds '
        f'{" ".join(map(str, settings.seeds))} \\\n{pretrain}'
        f'    --configs {" ".join(settings.configs)}\n'
        'python tools/experiments/compare_networks.py page '
        '--work-dir work_dirs/compare --out page.md\n```',
        *tell_trainings(trained),
    ]
