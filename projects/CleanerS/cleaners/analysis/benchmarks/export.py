"""Task ``export``: an exported network in its engines, beside this one."""

import argparse
import importlib.util
import tempfile
from pathlib import Path
from typing import Any, Callable

import torch
from mmengine.config import Config
from torch import Tensor

from ...apis.inference import init_ssc_model
from ...deployment.export import ONNX_PACKAGES, export_network
from ...geometry.mapping import voxel_mapping
from ...geometry.voxel_grid import VoxelGrid
from ...utils.errors import InputError
from .clock import DeviceClock, format_spread, spread
from .frames import frame_sizes, random_inputs
from .settings import Settings, describe_run, format_run, read_args

Run = Callable[[], Any]


def measure(args: argparse.Namespace) -> dict:
    """Measure what the command line names."""
    return measure_export(*read_args(args))


def measure_export(cfg: Config, settings: Settings) -> dict:
    """Measure the network of a config, the student of a distillation.

    Weights and frame are random.

    Args:
        cfg (Config): With ``model``.
        settings (Settings): How; ``batch_size`` 1, on the CPU.

    Returns:
        dict: ``engines``, seconds of a frame (median, min, max) of each that
        is installed: ``this project``, ``torch.export``, ``ONNX Runtime``;
        the largest ``differences`` of the logits from the first's.

    Raises:
        InputError: If the settings are others, or torch is too old.
    """
    if settings.device != 'cpu' or settings.batch_size != 1:
        raise InputError(
            'an exported network takes one frame, and is measured on the CPU: '
            '--device cpu --batch-size 1'
        )
    torch.manual_seed(settings.seed)
    net = init_ssc_model(cfg, keep_memory=True)
    batch = random_inputs(frame_sizes(cfg), 1, settings.seed, 'cpu')
    inputs = _export_inputs(batch)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        engines: dict[str, Run] = {'this project': lambda: net.encode_decode(batch)}
        engines['torch.export'] = _torch_engine(net, Path(folder), inputs)
        if all(map(importlib.util.find_spec, (*ONNX_PACKAGES, 'onnxruntime'))):
            engines['ONNX Runtime'] = _onnx_engine(net, Path(folder), inputs)
        logits = {name: torch.as_tensor(run()) for name, run in engines.items()}
        seconds = {name: _time(run, settings) for name, run in engines.items()}
    expected = logits['this project']
    differences = {
        name: float((found - expected).abs().max()) for name, found in logits.items()
    }
    return dict(describe_run(cfg, settings), engines=seconds, differences=differences)


def format_result(result: dict) -> str:
    """Format what :func:`measure_export` returns."""
    lines = [format_run(result)]
    lines += [
        f'{name:<14}{format_spread(seconds, "s")}, '
        f'logits differ by {result["differences"][name]:.0e}'
        for name, seconds in result['engines'].items()
    ]
    if 'ONNX Runtime' not in result['engines']:
        lines.append(
            'ONNX Runtime  not installed: pip install -r requirements/export.txt'
        )
    return '\n'.join(lines)


def _export_inputs(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Turn the batch of a network into all that an exported one may read."""
    x, y, z = batch['tsdf'].shape[2:]
    # voxel by voxel: their size does not matter
    mapping = voxel_mapping(batch['mapping2d'].numpy(), VoxelGrid((x, y, z), 1.0), 1)
    return dict(
        img=batch['imgs'],
        seg2d=batch['seg2d'],
        tsdf=batch['tsdf'],
        mapping=torch.from_numpy(mapping),
    )


def _torch_engine(net: Any, folder: Path, inputs: dict[str, Tensor]) -> Run:
    """Export a program of torch; a run of it."""
    path = str(folder / 'net.pt2')
    names = export_network(net, 'torch', path)['inputs']
    program = torch.export.load(path).module()
    return lambda: program(**{name: inputs[name] for name in names})


def _onnx_engine(net: Any, folder: Path, inputs: dict[str, Tensor]) -> Run:
    """Export an ONNX file; a run of it, by as many threads as torch has."""
    import onnxruntime

    path = str(folder / 'net.onnx')
    names = export_network(net, 'onnx', path)['inputs']
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(
        path, options, providers=['CPUExecutionProvider']
    )
    arrays = {name: inputs[name].numpy() for name in names}
    return lambda: session.run(['logits'], arrays)[0]


def _time(run: Run, settings: Settings) -> dict[str, float]:
    """Seconds of the repeats of a run."""
    clock, seconds = DeviceClock(), []
    for _ in range(settings.warmup + settings.repeats):
        start = clock.now()
        run()
        seconds.append(clock.seconds(start, clock.now()))
    return spread(seconds[settings.warmup :])
