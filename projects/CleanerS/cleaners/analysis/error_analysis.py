"""The errors of a checkpoint, as tables, numbers and figures."""

from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process

from ..engine import run_setup
from ..evaluation.functional import format_report
from ..utils.atomic_write import write_atomically, write_json
from ..utils.errors import InputError
from ..visualization import error_plots

SCORES = 'scores.json'
NUMBERS = 'error_analysis.json'


def analyse_errors(cfg: Config, distance_bin: float, depth_bin: float) -> None:
    """Test, print the tables, write the scores, numbers and figures.

    Args:
        cfg (Config): Of :func:`load_test_config`; the files go to its
            ``work_dir``.
        distance_bin (float): Width of the bins of distance, metres.
        depth_bin (float): Width of the bins of how deep occluded voxels are
            hidden, voxels.

    Raises:
        InputError: If no frame has a ground truth, or a class no colour.
    """
    run_setup.require_scenes(cfg, 'the error analysis')
    run_setup.add_metric(cfg, error_metric(cfg, distance_bin, depth_bin))
    runner = run_setup.build_runner(cfg)
    metric = runner.test_evaluator.metrics[-1]
    palette = class_colours(metric.dataset_meta)
    scores = runner.test()
    if not is_main_process():
        return
    if metric.report is None:
        raise InputError(
            'no test frame has a ground truth: there are no errors to explain'
        )
    report = dict(config=cfg.filename, checkpoint=cfg.load_from, **metric.report)
    print(format_report(report))
    write_json(Path(cfg.work_dir, SCORES), scores)
    write_results(report, palette, Path(cfg.work_dir))


def error_metric(cfg: Config, distance_bin: float, depth_bin: float) -> dict:
    """Config of the metric; it counts the voxels that SSCMetric counts."""
    devices = [
        metric['collect_device']
        for metric in run_setup.list_metrics(cfg)
        if metric['type'] == 'SSCMetric' and 'collect_device' in metric
    ]
    shared = dict(collect_device=devices[-1]) if devices else {}
    return dict(
        type='SSCErrorMetric', distance_bin=distance_bin, depth_bin=depth_bin, **shared
    )


def class_colours(metainfo: dict) -> list:
    """Return the colour of each class of a data set.

    Raises:
        InputError: If there are fewer colours than classes.
    """
    count = len(metainfo['classes'])
    palette = metainfo.get('palette', ())
    if len(palette) < count:
        raise InputError(
            'the metainfo of the test data set should have a '
            f"'palette' of {count} colours, one for each class, "
            f'but has {len(palette)}'
        )
    return list(palette[:count])


def write_results(report: dict, palette: list, folder: Path) -> None:
    """Write the numbers and the figures.

    Args:
        report (dict): Of :obj:`SSCErrorMetric`.
        palette (list): (C, 3) RGB, 0..255.
        folder (Path): Where to; it is made.
    """
    drawings = {
        'confusion.png': error_plots.draw_confusion,
        'error_by_distance.png': error_plots.draw_error_by_distance,
        'error_by_occlusion.png': error_plots.draw_error_by_occlusion,
    }
    contents = {
        name: error_plots.encode_figure(draw(report, palette))
        for name, draw in drawings.items()
    }
    for name, content in contents.items():
        write_atomically(folder / name, content)
    write_json(folder / NUMBERS, report)
    print(f'{folder}: {", ".join([SCORES, NUMBERS, *contents])}')
