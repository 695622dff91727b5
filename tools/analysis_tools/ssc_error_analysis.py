"""Explain the errors of a checkpoint: by class, by distance, by occlusion.

Tests the checkpoint as tools/test.py does, prints tables and writes
error_analysis.json, confusion.png, error_by_distance.png and
error_by_occlusion.png (docs/error_analysis.md).
"""
import argparse
import json
import math
from pathlib import Path

from cleaners.utils.command_line import add_run_options, run


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add_run_options(parser)
    parser.add_argument(
        'checkpoint',
        help='checkpoint, or the work dir of a training run, which stands '
        'for its best checkpoint')
    parser.add_argument(
        '--out-dir',
        dest='work_dir',
        metavar='DIR',
        required=True,
        help='folder for the figures, the numbers and the log')
    parser.add_argument(
        '--distance-bin',
        type=positive,
        default=0.5,
        metavar='METRES',
        help='width of the bins of distance from the camera (default: 0.5)')
    parser.add_argument(
        '--depth-bin',
        type=positive,
        default=2.,
        metavar='VOXELS',
        help='width of the bins of how deep occluded voxels are hidden '
        '(default: 2)')
    return parser.parse_args()


def positive(text: str) -> float:
    """Type of an argument: a finite number above 0."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(
            f'should be positive and finite, got {text}')
    return number


def main() -> None:
    run(analyse, parse_args())


def analyse(args: argparse.Namespace) -> None:
    """Test, print the tables, write the numbers and the figures."""
    # here, so that --help answers at once
    from mmengine.dist import is_main_process

    from cleaners.engine import run_setup
    from cleaners.evaluation.functional import format_report
    from cleaners.utils.errors import InputError
    cfg = run_setup.load_test_config(args)
    run_setup.add_metric(cfg, error_metric(cfg, args))
    runner = run_setup.build_test_runner(cfg)
    metric = runner.test_evaluator.metrics[-1]
    palette = class_colours(metric.dataset_meta)
    runner.test()
    if not is_main_process():
        return
    if metric.report is None:
        raise InputError('no test frame has a ground truth: there are no '
                         'errors to explain')
    report = dict(
        config=args.config, checkpoint=cfg.load_from, **metric.report)
    print(format_report(report))
    write_results(report, palette, Path(cfg.work_dir))


def error_metric(cfg, args: argparse.Namespace) -> dict:
    """Config of the metric; it counts the voxels that SSCMetric counts."""
    from cleaners.engine.run_setup import list_metrics
    shared = {
        'collect_device': metric['collect_device']
        for metric in list_metrics(cfg)
        if metric['type'] == 'SSCMetric' and 'collect_device' in metric
    }
    return dict(
        type='SSCErrorMetric',
        distance_bin=args.distance_bin,
        depth_bin=args.depth_bin,
        **shared)


def class_colours(metainfo: dict) -> list:
    """Return the colour of each class of a data set.

    Raises:
        InputError: If there are fewer colours than classes.
    """
    from cleaners.utils.errors import InputError
    count = len(metainfo['classes'])
    palette = metainfo.get('palette', ())
    if len(palette) < count:
        raise InputError('the metainfo of the test data set should have a '
                         f"'palette' of {count} colours, one for each class, "
                         f'but has {len(palette)}')
    return list(palette[:count])


def write_results(report: dict, palette: list, folder: Path) -> None:
    """Write the numbers and the figures.

    Args:
        report (dict): Of :obj:`SSCErrorMetric`.
        palette (list): (C, 3) RGB, 0..255.
        folder (Path): Where to; it is made.
    """
    from cleaners.utils.atomic_write import write_atomically
    from cleaners.visualization import error_plots
    drawings = {
        'confusion.png': error_plots.draw_confusion,
        'error_by_distance.png': error_plots.draw_error_by_distance,
        'error_by_occlusion.png': error_plots.draw_error_by_occlusion
    }
    numbers = json.dumps(report, indent=1, allow_nan=False) + '\n'
    contents = {'error_analysis.json': numbers.encode()}
    for name, draw in drawings.items():
        contents[name] = error_plots.encode_figure(draw(report, palette))
    for name, content in contents.items():
        write_atomically(folder / name, content)
    print(f"{folder}: {', '.join(contents)}")


if __name__ == '__main__':
    main()
