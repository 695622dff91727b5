"""Parameters and FLOPs of a network, by part."""

import torch.nn as nn
from mmengine.config import Config

from ..apis.inference import init_ssc_model
from .benchmarks.compute import count_forward
from .benchmarks.frames import frame_sizes, random_inputs
from .benchmarks.inference import stages_of


def count_network(cfg: Config) -> dict:
    """Count the network of a config.

    The pass is a real one, on a random frame: which voxels the projection
    fills depends on values, so that a device without them (meta) cannot run
    it.

    Args:
        cfg (Config): With ``model``.

    Returns:
        dict: ``img_size`` (H, W), ``grid_size`` (X, Y, Z); ``parts`` by name
        and their ``total``, each with ``parameters``, ``trainable`` (how
        many of these are trained) and ``gflop``.
    """
    sizes = frame_sizes(cfg)
    model = init_ssc_model(cfg)
    stages = stages_of(model)
    gflop = count_forward(model, random_inputs(sizes, 1, 0, 'cpu'), stages)
    parts = {name: getattr(model, name) for name in stages}
    counts = {
        name: dict(count_parameters(part), gflop=gflop[name])
        for name, part in dict(parts, total=model).items()
    }
    return dict(
        img_size=sizes.img_size,
        grid_size=sizes.grid_size,
        total=counts.pop('total'),
        parts=counts,
    )


def count_parameters(module: nn.Module) -> dict:
    """Count all ``parameters`` of a module, and the ``trainable`` ones."""
    sizes = [(p.numel(), p.requires_grad) for p in module.parameters()]
    return dict(
        parameters=sum(size for size, _ in sizes),
        trainable=sum(size for size, is_trained in sizes if is_trained),
    )


def format_result(result: dict) -> str:
    """Format what :func:`count_network` returns as a table."""
    image, grid = (
        ' x '.join(map(str, result[key])) for key in ('img_size', 'grid_size')
    )
    lines = [
        f'{result["config"]}: an image of {image}, a grid of {grid}',
        f'{"part":<14}{"parameters":>12}{"trainable":>12}{"GFLOP":>9}',
    ]
    lines += [
        f'{name:<14}{row["parameters"]:>12,}{row["trainable"]:>12,}{row["gflop"]:>9.2f}'
        for name, row in dict(result['parts'], total=result['total']).items()
    ]
    return '\n'.join(lines)
