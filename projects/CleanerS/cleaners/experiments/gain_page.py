"""The page of the experiment: tables, figures, and how to get them again."""

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

import cv2
import torch

from ..analysis.log_report import draw_curves
from ..analysis.train_logs import read_run, values_of
from ..datasets import nyu
from ..utils.atomic_write import write_atomically
from ..utils.checkpoint import file_digest
from ..visualization.error_plots import encode_figure
from .gain_plan import ROLES, Plan, TrainedModel
from .gain_scenes import NUM_FRAMES, draw_scenes
from .gain_scores import NAMES, Row, gain_of, markdown_table, read_errors, read_rows

_TOTALS = {
    'sc/precision': 'SC prec.',
    'sc/recall': 'recall',
    'sc/iou': 'IoU',
    'ssc/mIoU': 'SSC mIoU',
}
_OUTSIDE = {
    'all/sc/iou': 'SC IoU, all',
    'all/ssc/mIoU': 'SSC mIoU, all',
    'occupied/free': 'free voxels called occupied',
    'occupied/ignored': 'voxels without label called occupied',
}
_ALL_SPACE = (
    'All space: protocol `all`, in which visible free space counts, and what '
    "is called occupied where the paper's protocol does not look."
)
_NUM_CONFUSIONS = 8


def write_page(plan: Plan, path: Path, notes: Optional[Path] = None) -> None:
    """Write the page, and its figures to a folder of its name.

    Args:
        plan (Plan): As much of it as is done is told.
        path (Path): ``NAME.md``; the figures go to ``NAME/``.
        notes (Path, optional): Text that stands before the tables. Defaults
            to None.
    """
    rows = read_rows(plan)
    figures = path.with_suffix('')
    parts = ['# What distillation gains', _introduce(plan)]
    if notes is not None:
        parts.append(notes.read_text().strip())
    for league in plan.settings.leagues:
        parts += _league_tables([r for r in rows if r.league == league])
    parts += _error_tables(read_errors(plan))
    parts += _draw(plan, figures)
    parts.append(_tell_how(plan))
    write_atomically(path, ('\n\n'.join(parts) + '\n').encode())
    print(path)


def _introduce(plan: Plan) -> str:
    settings = plan.settings
    return (
        f'Networks trained for {settings.epochs} epochs on all training '
        'frames; scored once on the test frames, after the last epoch (the '
        'tables of the field show the best epoch on the test frames '
        'instead). Settings were chosen on a tenth of the training frames. '
        'Where there are several seeds: mean ± standard deviation. Percent.'
    )


def _league_tables(rows: list[Row]) -> Iterator[str]:
    """The tables of one league."""
    if not rows:
        return
    yield f'## {rows[0].league.capitalize()}'
    counts = ', '.join(f'{NAMES[row.role]} {len(row.runs)}' for row in rows)
    yield f'Seeds: {counts}.'
    yield _score_table(rows, _TOTALS)
    yield from _gain(rows)
    yield 'IoU of each class:'
    yield _score_table(rows, {f'ssc/{name}': name for name in nyu.CLASSES[1:]})
    yield _ALL_SPACE
    yield _score_table(rows, _OUTSIDE)


def _score_table(rows: list[Row], titles: dict[str, str]) -> str:
    """A line a network, a column a score."""
    lines = [[NAMES[row.role], *map(row.text, titles)] for row in rows]
    return markdown_table(['', *titles.values()], lines)


def _gain(rows: list[Row]) -> Iterator[str]:
    """Student minus baseline."""
    runs = {row.role: row.runs for row in rows}
    if not {'baseline', 'student'} <= set(runs):
        return
    texts = []
    for key, name in (('sc/iou', 'SC IoU'), ('ssc/mIoU', 'SSC mIoU')):
        gain = gain_of(runs['baseline'], runs['student'], key)
        spread = '' if gain.deviation is None else f' ± {gain.deviation:.2f}'
        texts.append(f'{gain.mean:+.2f}{spread} {name}')
    yield (
        f'**Student minus baseline: {", ".join(texts)}** ({gain.seeds} '
        'seed(s); the paper, with MiT-B2 and D = 256: +3.1 SC IoU, +2.2 '
        'SSC mIoU).'
    )


def _error_tables(reports: dict[TrainedModel, dict]) -> Iterator[str]:
    """Where the errors are, network by network."""
    shown = {m: r for m, r in reports.items() if m.role in ROLES}
    if not shown:
        return
    yield '## Where the errors are'
    yield (
        'SSC mIoU over the classes that occur, by distance from the '
        'camera; then of voxels that a pixel sees and of those that none '
        'does ([how it is counted](../error_analysis.md)).'
    )
    edges = sorted(
        {_edges(row) for report in shown.values() for row in report['distance']['bins']}
    )
    bins = [f'{low:g} to {high:g} m' for low, high in edges]
    lines = [
        [_title(model), *_by_region(report, edges)] for model, report in shown.items()
    ]
    yield markdown_table(['', *bins, 'visible', 'occluded'], lines)
    for model, report in shown.items():
        if model.role == 'student':
            yield f'What the {_title(model)} network confuses most:'
            yield _confusion_table(report['confusions'][:_NUM_CONFUSIONS])


def _edges(row: dict) -> tuple[float, float]:
    return row['from'], row['to']


def _by_region(report: dict, edges: Sequence[tuple]) -> list[str]:
    """SSC mIoU of each bin of distance, of visible and of occluded voxels."""
    found = {_edges(row): row['ssc_miou'] for row in report['distance']['bins']}
    parts = [report['occlusion'][key] for key in ('surface', 'occluded')]
    return [
        *(_figure(found.get(edge)) for edge in edges),
        *(_figure(part['ssc_miou']) for part in parts),
    ]


def _confusion_table(pairs: Sequence[dict]) -> str:
    titles = ['truth', 'prediction', '% of the class', '% of all errors']
    lines = [
        [
            pair['truth'],
            pair['prediction'],
            _figure(pair['percent_of_truth']),
            _figure(pair['percent_of_errors']),
        ]
        for pair in pairs
    ]
    return markdown_table(titles, lines)


def _figure(value: Optional[float]) -> str:
    return '-' if value is None else f'{value:.1f}'


def _title(model: TrainedModel) -> str:
    return f'{model.league}, {NAMES[model.role]}'


def _draw(plan: Plan, folder: Path) -> Iterator[str]:
    """Draw the curves and, once all is trained, the scenes."""
    first = [
        model
        for model in plan.models
        if model.seed == plan.settings.seeds[0]
        and model.role in ROLES
        and plan.checkpoint(model).exists()
    ]
    if not first:
        return
    yield '## Learning curves'
    runs = [
        read_run(str(plan.folder / model.name), f'{model.league} {model.role}')
        for model in first
    ]
    write_atomically(
        folder / 'curves.png', encode_figure(draw_curves(runs, ['loss_ssc']))
    )
    yield f'![The loss of the classes]({folder.name}/curves.png)'
    if len(first) < len(ROLES) * len(plan.settings.leagues):
        return
    yield '## Scenes'
    yield (
        f'{NUM_FRAMES} of the test frames, evenly chosen, as the networks '
        'complete them; nothing is masked by the ground truth.'
    )
    _, png = cv2.imencode('.png', draw_scenes(plan)[..., ::-1])
    write_atomically(folder / 'scenes.png', png.tobytes())
    yield f'![Scenes]({folder.name}/scenes.png)'


def _tell_how(plan: Plan) -> str:
    """Commands, times and hashes."""
    settings = plan.settings
    rows = [
        _tell_training(plan, model)
        for model in plan.models
        if plan.checkpoint(model).exists()
    ]
    seeds = ' '.join(map(str, settings.seeds))
    return '\n\n'.join(
        [
            '## How to get it again',
            '```bash\npython tools/experiments/distillation_gain.py run '
            '--work-dir work_dirs/gain --data-root data/NYU \\\n'
            f'    --epochs {settings.epochs} --seeds {seeds}\n'
            'python tools/experiments/distillation_gain.py status '
            '--work-dir work_dirs/gain\n'
            'python tools/experiments/distillation_gain.py page '
            '--work-dir work_dirs/gain --out page.md\n```',
            'It may be cut at any moment; the same command goes on. Trained on '
            f'{_processor()}, one thread each, torch {torch.__version__}.',
            markdown_table(['training', 's a step', 'minutes', 'SHA-256'], rows),
        ]
    )


def _tell_training(plan: Plan, model: TrainedModel) -> list[str]:
    """Name, seconds a step, minutes and hash of one training."""
    run = read_run(str(plan.folder / model.name), model.name)
    seconds = list(values_of(run.train, 'time').values())
    minutes = statistics.fmean(seconds) * max(run.train) / 60
    digest = file_digest(str(plan.checkpoint(model)))
    return [
        model.name,
        f'{statistics.median(seconds):.2f}',
        f'{minutes:.0f}',
        digest[:16],
    ]


def _processor() -> str:
    """Name of the processor, as Linux tells it."""
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(':')[1] for line in lines if 'model name' in line]
    return f'{len(names)} cores of{names[0]}' if names else 'a CPU'
