"""Task ``train``: one step of the config's training."""

import argparse
import math
import tempfile
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper, OptimWrapperDict, build_optim_wrapper

from ...apis.inference import build_network
from ...apis.losses import init_ssc_distiller
from ...models.distillers import CleanerDistiller
from ...utils.errors import InputError
from .clock import DeviceClock, format_spread, spread
from .compute import (
    add_fraction,
    count_forward,
    count_step,
    format_fraction,
    judge_machine,
)
from .frames import frame_sizes, random_inputs, random_samples
from .settings import (
    Settings,
    describe_run,
    format_run,
    get_part,
    read_args,
    runtime_settings,
)

PARTS = ('forward', 'backward', 'optimizer')


def measure(args: argparse.Namespace) -> dict:
    """Measure what the command line names."""
    return measure_train(*read_args(args))


def measure_train(cfg: Config, settings: Settings) -> dict:
    """Measure training steps of the config's model.

    Weights and frames are random. A teacher has the backbone of its student,
    as where both start from the same pretrained one, which stays frozen.

    Args:
        cfg (Config): With ``model`` and ``optim_wrapper``.
        settings (Settings): How. The first step of the warm-up makes the
            state of the optimizer.

    Returns:
        dict: ``seconds`` (median, min, max) of ``forward``, ``backward``,
        ``optimizer`` and ``total``; the ``losses`` of the last step; the
        other numbers as :func:`measure_inference`. ``gflop`` counts forward
        and backward pass of the network and the forward pass of a teacher,
        but not the distillation losses, which are less than a thousandth.

    Raises:
        InputError: If a loss is not finite, or the model trains its parts in
            turns.
    """
    runtime = runtime_settings(cfg)
    runtime.set_memory(runtime.keep_freed_mb)
    torch.manual_seed(settings.seed)
    model = build_trained(cfg, settings.device)
    optim_wrapper = build_optim_wrapper(model, get_part(cfg, 'optim_wrapper'))
    if isinstance(optim_wrapper, OptimWrapperDict):
        raise InputError(
            f'{", ".join(optim_wrapper.keys())} are trained in turns, which '
            'is not measured: take the config of a network that is trained as '
            'one, or --task inference'
        )
    made = (frame_sizes(cfg), settings.batch_size, settings.seed, settings.device)
    batch = random_inputs(*made), random_samples(*made)
    clock, steps = DeviceClock(settings.device), []
    with judge_machine(settings) as numbers:
        for _ in range(settings.warmup + settings.repeats):
            seconds, losses = run_step(model, optim_wrapper, batch, clock)
            steps.append(seconds)
    seconds = {
        part: spread([step[part] for step in steps[settings.warmup :]])
        for part in (*PARTS, 'total')
    }
    result = dict(
        describe_run(cfg, settings),
        seconds=seconds,
        losses=losses,
        gflop=count_training(model, *batch),
        **numbers,
    )
    return add_fraction(result, seconds['total']['median'])


def format_result(result: dict) -> str:
    """Format what :func:`measure_train` returns."""
    lines = [format_run(result)]
    lines += [
        f'{part:<10}{format_spread(values, "s")}'
        for part, values in result['seconds'].items()
    ]
    losses = [f'{key} {value:.3f}' for key, value in result['losses'].items()]
    return '\n'.join([*lines, ', '.join(losses), format_fraction(result)])


def build_trained(cfg: Config, device: str) -> BaseModel:
    """Build the model that a config trains, with random weights.

    Args:
        cfg (Config): With ``model``.
        device (str): Where it goes.

    Returns:
        SSCSegmentor | CleanerDistiller: In training mode, with its teacher.
    """
    if 'teacher' not in cfg.model:
        return build_network(cfg.model).to(device).train()
    teacher = build_network(cfg.model.teacher)
    student = build_network(cfg.model.student)
    backbones = [cfg.model[role].get('backbone') for role in ('student', 'teacher')]
    if student.backbone is not None and backbones[0] == backbones[1]:
        teacher.backbone.load_state_dict(student.backbone.state_dict())
    with tempfile.TemporaryDirectory() as folder:
        paths = str(Path(folder, 's.pth')), str(Path(folder, 't.pth'))
        for network, path in zip((student, teacher), paths):
            torch.save(network.state_dict(), path)
        return init_ssc_distiller(cfg, paths[0], paths[1], device)


def run_step(
    model: BaseModel, optim_wrapper: OptimWrapper, batch: tuple, clock: DeviceClock
) -> tuple:
    """Run one step as mmengine's ``train_step`` does.

    Args:
        model (SSCSegmentor | CleanerDistiller): Is trained.
        optim_wrapper (OptimWrapper): Of it.
        batch (tuple): Inputs and data samples.
        clock (DeviceClock): Of its device.

    Returns:
        tuple[dict, dict]: Seconds of each part and of the ``total``; the
        losses.

    Raises:
        InputError: If a loss is not finite.
    """
    marks = [clock.now()]
    with optim_wrapper.optim_context(model):
        losses = model(*batch, mode='loss')
        total, log_vars = model.parse_losses(losses)
    marks.append(clock.now())
    # the two halves of OptimWrapper.update_params
    optim_wrapper.backward(optim_wrapper.scale_loss(total))
    marks.append(clock.now())
    if optim_wrapper.should_update():
        optim_wrapper.step()
        optim_wrapper.zero_grad()
    marks.append(clock.now())
    seconds = {
        part: clock.seconds(*pair) for part, pair in zip(PARTS, zip(marks, marks[1:]))
    }
    seconds['total'] = clock.seconds(marks[0], marks[-1])
    return seconds, _finite({k: v.item() for k, v in log_vars.items()})


def count_training(model: BaseModel, inputs: dict, data_samples: list) -> float:
    """Count the arithmetic of a step, as :func:`measure_train` says.

    Returns:
        float: GFLOP.
    """
    if not isinstance(model, CleanerDistiller):
        return count_step(model, inputs, data_samples)
    return (
        count_step(model.student, inputs, data_samples)
        + count_forward(model.loaded_teacher, inputs)['total']
    )


def _finite(losses: dict) -> dict:
    """The losses themselves."""
    for name, value in losses.items():
        if not math.isfinite(value):
            raise InputError(
                f'{name} is {value}: the steps with these '
                'settings diverge, so that they say nothing'
            )
    return losses
