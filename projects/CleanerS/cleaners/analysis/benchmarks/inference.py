"""Task ``inference``: the network predicts the logits of a batch."""

import argparse
from typing import Any, Callable

import torch
import torch.nn as nn
from mmengine.config import Config

from ...apis.inference import init_ssc_model
from .clock import DeviceClock, format_spread, medians, spread
from .compute import add_fraction, count_forward, format_fraction, judge_machine
from .frames import frame_sizes, random_inputs
from .settings import Settings, describe_run, format_run, read_args

STAGES = ('backbone', 'head_2d', 'voxel_neck', 'tsdf_encoder', 'decode_head')


def stages_of(model: nn.Module) -> list[str]:
    """Names of the stages that a network has."""
    return [name for name in STAGES if getattr(model, name) is not None]


class StageHooks:
    """Takes the time at which each stage of a network starts and ends.

    Args:
        model (SSCSegmentor): Gets hooks.
        clock (DeviceClock): Of its device.
    """

    def __init__(self, model: nn.Module, clock: DeviceClock) -> None:
        self.clock = clock
        self.starts: dict[str, Any] = {}
        self.ends: dict[str, Any] = {}
        for name in stages_of(model):
            stage = getattr(model, name)
            stage.register_forward_pre_hook(self._marker(self.starts, name))
            stage.register_forward_hook(self._marker(self.ends, name))

    def seconds(self) -> dict:
        """Return the seconds of each stage in the last run."""
        return {
            name: self.clock.seconds(self.starts[name], self.ends[name])
            for name in self.ends
        }

    def _marker(self, marks: dict[str, Any], name: str) -> Callable[..., None]:
        """A hook that writes down the time."""

        def mark(*_: object) -> None:
            marks[name] = self.clock.now()

        return mark


def measure(args: argparse.Namespace) -> dict:
    """Measure what the command line names."""
    return measure_inference(*read_args(args))


def measure_inference(cfg: Config, settings: Settings) -> dict:
    """Measure the network of a config, the student of a distillation.

    Weights and frames are random.

    Args:
        cfg (Config): With ``model``.
        settings (Settings): How.

    Returns:
        dict: ``seconds`` of a batch (median, min, max) and of each of the
        ``stages`` (medians); ``gflop`` of the definition, of a batch and of
        the stages; ``gflop_per_second``, ``matmul_gflop_per_second`` of the
        machine and their quotient ``fraction``; ``peak_mb``.
    """
    torch.manual_seed(settings.seed)
    model = init_ssc_model(cfg, device=settings.device, keep_memory=True)
    inputs = random_inputs(
        frame_sizes(cfg), settings.batch_size, settings.seed, settings.device
    )
    with judge_machine(settings) as numbers:
        runs = _run_often(model, inputs, settings)
    gflop = count_forward(model, inputs, stages_of(model))
    seconds = spread([run.pop('total') for run in runs])
    stages = {
        name: dict(seconds=median, gflop=gflop[name])
        for name, median in medians(runs).items()
    }
    result = dict(
        describe_run(cfg, settings),
        seconds=seconds,
        stages=stages,
        gflop=gflop['total'],
        **numbers,
    )
    return add_fraction(result, seconds['median'])


def format_result(result: dict) -> str:
    """Format what :func:`measure_inference` returns."""
    total = dict(seconds=result['seconds']['median'], gflop=result['gflop'])
    rows = dict(result['stages'], total=total)
    lines = [format_run(result), f'{"stage":<14}{"ms":>10}{"GFLOP":>9}{"GFLOP/s":>10}']
    lines += [
        f'{name:<14}{row["seconds"] * 1e3:>10.2f}{row["gflop"]:>9.2f}'
        f'{row["gflop"] / row["seconds"]:>10.1f}'
        for name, row in rows.items()
    ]
    rate = result['batch_size'] / result['seconds']['median']
    lines += [
        f'{format_spread(result["seconds"], "s")}, {rate:.3f} frames/s',
        format_fraction(result),
    ]
    return '\n'.join(lines)


def _run_often(model: nn.Module, inputs: dict, settings: Settings) -> list:
    """Seconds of the stages and of the ``total`` of every repeat."""
    clock = DeviceClock(settings.device)
    hooks = StageHooks(model, clock)
    runs = []
    with torch.no_grad():
        for _ in range(settings.warmup + settings.repeats):
            start = clock.now()
            model(inputs, mode='tensor')
            end = clock.now()
            total = clock.seconds(start, end)
            runs.append(dict(hooks.seconds(), total=total))
    return runs[settings.warmup :]
