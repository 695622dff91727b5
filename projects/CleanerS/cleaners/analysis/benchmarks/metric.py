"""Task ``metric``: the scores of predictions."""

import argparse
import time
from typing import Any

from mmdet3d.registry import DATASETS, METRICS
from mmengine.config import Config
from mmengine.evaluator import BaseMetric

from ...utils.errors import InputError
from .clock import format_spread, spread
from .frames import frame_sizes, random_samples
from .settings import Settings, describe_run, format_run, get_part, read_args

FRAMES = 100


def measure(args: argparse.Namespace) -> dict:
    """Measure what the command line names."""
    return measure_metric(*read_args(args))


def measure_metric(cfg: Config, settings: Settings, frames: int = FRAMES) -> dict:
    """Measure the metric of a config on random predictions.

    Args:
        cfg (Config): With ``val_evaluator``, ``val_dataloader`` and
            ``model``.
        settings (Settings): How.
        frames (int): Whose counts become scores. Defaults to 100.

    Returns:
        dict: Seconds (median, min, max) of ``process`` for one frame and of
        ``compute_metrics`` for all ``frames``; the number of ``scores``.
    """
    metric = build_metric(cfg)
    samples = [
        sample.to_dict()
        for sample in random_samples(
            frame_sizes(cfg), settings.batch_size, settings.seed, settings.device
        )
    ]
    process, compute = [], []
    for _ in range(settings.warmup + settings.repeats):
        metric.results.clear()
        start = time.perf_counter()
        while len(metric.results) < frames:
            metric.process({}, samples)
        process.append((time.perf_counter() - start) / len(metric.results))
        start = time.perf_counter()
        scores = metric.compute_metrics(metric.results[:frames])
        compute.append(time.perf_counter() - start)
    return dict(
        describe_run(cfg, settings),
        frames=frames,
        process=spread(process[settings.warmup :]),
        compute_metrics=spread(compute[settings.warmup :]),
        scores=len(scores),
    )


def format_result(result: dict) -> str:
    """Format what :func:`measure_metric` returns."""
    return '\n'.join(
        [
            format_run(result),
            'process, a frame:  ' + format_spread(result['process'], 'ms', 1e3),
            f'compute_metrics, {result["frames"]} frames:  '
            + format_spread(result['compute_metrics'], 'ms', 1e3),
        ]
    )


def build_metric(cfg: Config) -> BaseMetric:
    """Build the config's ``SSCMetric``, knowing the classes.

    Args:
        cfg (Config): With ``val_evaluator``, one metric or a list of them,
            and ``val_dataloader``.

    Raises:
        InputError: If the config has no such metric.
    """
    evaluators = get_part(cfg, 'val_evaluator')
    if not isinstance(evaluators, (list, tuple)):
        evaluators = [evaluators]
    chosen = [e for e in evaluators if e.type == 'SSCMetric']
    if not chosen:
        raise InputError(
            f"config '{cfg.filename}' has no SSCMetric under 'val_evaluator'"
        )
    metric = METRICS.build(chosen[0])
    dataset = get_part(cfg, 'val_dataloader').dataset
    dataset_type: Any = DATASETS.get(dataset.type)
    metric.dataset_meta = dict(dataset_type.METAINFO, **dataset.get('metainfo', {}))
    return metric
