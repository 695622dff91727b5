"""The page of the experiment: tables, figures, and how to get them again."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

from ..analysis.log_report import draw_curves
from ..datasets import nyu
from ..fileio.image_file import encode_png
from ..fileio.text_file import read_text
from ..utils.atomic_write import write_atomically
from ..utils.markdown_table import markdown_table
from ..visualization.error_plots import encode_figure
from .data_facts import tell_data
from .gain_headroom import find_headroom
from .gain_plan import LEAGUES, NAMES, Plan, TrainedModel
from .gain_scenes import NUM_FRAMES, draw_scenes
from .gain_scores import gain_of, read_errors, read_league
from .seed_scores import TOTALS, SeedScores, all_space_table, score_table
from .training_facts import find_run, tell_commands, tell_trainings

_NUM_CONFUSIONS = 8


def write_page(plan: Plan, path: Path, notes: Optional[Path] = None) -> None:
    """Write the page, and its figures to a folder of its name.

    Args:
        plan (Plan): As much of it as is done is told.
        path (Path): ``NAME.md``; the figures go to ``NAME/``.
        notes (Path, optional): File of text that stands before the tables.
            Defaults to None.
    """
    figures = path.with_suffix('')
    parts = ['# What distillation gains', _introduce(plan)]
    if notes:
        parts.append(read_text(notes, 'page of notes').strip())
    for league in plan.settings.leagues:
        parts += _league_tables(league, read_league(plan, league))
        parts += _headroom_table(plan, league)
    parts += _error_tables(read_errors(plan))
    parts += _draw(plan, figures)
    parts += _tell_how(plan, notes)
    write_atomically(path, ('\n\n'.join(parts) + '\n').encode())
    print(path)


def _introduce(plan: Plan) -> str:
    settings = plan.settings
    return (
        f'Networks trained for {settings.epochs} epochs on all training '
        'frames; scored once on the test frames, after the last epoch (the '
        'tables of the field show the best epoch on the test frames '
        'instead). Where there are several seeds: mean ± standard deviation; they '
        'share the teacher and the 2DNet of the first. Percent.'
    )


def _league_tables(league: str, roles: dict[str, SeedScores]) -> Iterator[str]:
    """The tables of one league."""
    if not roles:
        return
    rows = {NAMES[role]: scores for role, scores in roles.items()}
    yield f'## {league.capitalize()}'
    counts = '; '.join(
        f'{len(scores.runs)} of the {name}' for name, scores in rows.items()
    )
    yield f'Seeds: {counts}.'
    yield score_table(rows, TOTALS)
    yield from _gain(roles)
    yield 'IoU of each class:'
    yield score_table(rows, {f'ssc/{name}': name for name in nyu.CLASSES[1:]})
    yield from all_space_table(rows)


def _gain(roles: dict[str, SeedScores]) -> Iterator[str]:
    """Student minus baseline."""
    if not {'baseline', 'student'} <= set(roles):
        return
    texts, seeds = [], 0
    for key, name in (('sc/iou', 'SC IoU'), ('ssc/mIoU', 'SSC mIoU')):
        gain = gain_of(roles['baseline'], roles['student'], key)
        if gain is None:
            return
        seeds = gain.seeds
        spread = '' if gain.deviation is None else f' ± {gain.deviation:.2f}'
        texts.append(f'{gain.mean:+.2f}{spread} {name}')
    yield (
        f'**Student minus baseline: {", ".join(texts)}** (seeds: {seeds}; '
        'the paper, with MiT-B2 and D = 256: +3.1 SC IoU, +2.2 '
        'SSC mIoU).'
    )


def _headroom_table(plan: Plan, league: str) -> Iterator[str]:
    """What can be gained, and what is."""
    headroom = find_headroom(plan, league)
    if headroom is None:
        return
    yield (
        'Where the student could gain: the teacher is right and the baseline is '
        f'wrong in {headroom.share:.1f} % of the voxels that count (of '
        f'{headroom.frames} test frames, evenly chosen). A network that '
        'is trained again gets some of them right, and others wrong; what was '
        'learned from the teacher shows in the difference.'
    )
    titles = [
        'has right, % of the voxels',
        'where the teacher is right and the baseline wrong',
        'where the baseline is right',
    ]
    lines = [
        [name, _figure(learned.of_headroom), _figure(learned.of_known)]
        for name, learned in headroom.learned.items()
    ]
    yield markdown_table(titles, lines)


def _error_tables(reports: dict[TrainedModel, dict]) -> Iterator[str]:
    """Where the errors are, network by network."""
    if not reports:
        return
    yield '## Where the errors are'
    yield (
        'SSC mIoU over the classes that occur, by distance from the '
        'camera; then of voxels that a pixel sees and of those that none '
        'does ([how it is counted](../error_analysis.md)).'
    )
    edges = sorted(
        {
            _edges(row)
            for report in reports.values()
            for row in report['distance']['bins']
        }
    )
    bins = [f'{low:g} to {high:g} m' for low, high in edges]
    lines = [
        [model.title, *_by_region(report, edges)] for model, report in reports.items()
    ]
    yield markdown_table(['', *bins, 'visible', 'occluded'], lines)
    for model, report in reports.items():
        if model.role == 'student':
            yield f'What the {model.league} student confuses most:'
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


def _draw(plan: Plan, folder: Path) -> Iterator[str]:
    """Draw the curves and, once the first seed is trained, the scenes."""
    yield from _draw_curves(plan, folder / 'curves.png')
    if not all(plan.checkpoint(model).exists() for model in plan.first_seed):
        return
    yield '## Scenes'
    yield (
        f'{NUM_FRAMES} of the test frames, evenly chosen, as the networks '
        'complete them; nothing is masked by the ground truth, ceilings are not '
        'drawn.'
    )
    write_atomically(folder / 'scenes.png', encode_png(draw_scenes(plan)))
    yield f'![Scenes]({folder.name}/scenes.png)'


def _draw_curves(plan: Plan, path: Path) -> Iterator[str]:
    """Draw how the trainings went whose logs were kept."""
    runs = [
        find_run(plan.folder / model.name, f'{model.title}, seed {model.seed}')
        for model in plan.models
        if plan.checkpoint(model).exists()
    ]
    logged = [run for run in runs if run is not None]
    if not logged:
        return
    yield '## Learning curves'
    if len(logged) < len(runs):
        yield f'Of {len(logged)} of the {len(runs)} networks the log was kept.'
    write_atomically(path, encode_figure(draw_curves(logged, ['loss_ssc'])))
    yield f'![The loss of the classes]({path.parent.name}/curves.png)'


def _tell_how(plan: Plan, notes: Optional[Path]) -> list[str]:
    """Commands, times and hashes."""
    trained = {stage.name: stage.result for stage in plan.pretraining.values()}
    trained |= {model.name: plan.checkpoint(model) for model in plan.models}
    # those of the first seed; the others read the same
    configs = dict.fromkeys(model.config for model in plan.first_seed)
    pretrain = [LEAGUES[league].pretrain for league in plan.pretraining]
    return [
        tell_commands('distillation_gain.py', plan.settings, notes),
        *tell_data(configs, plan.settings.data_root, plan.twin, pretrain),
        *tell_trainings({n: path for n, path in trained.items() if path.exists()}),
    ]
