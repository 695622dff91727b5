"""Task ``loader``: the training pipeline in worker processes."""

import argparse
import math
import os.path as osp
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmdet3d.registry import DATASETS
from mmengine.config import Config, ConfigDict
from mmengine.dataset import BaseDataset
from mmengine.runner import Runner, set_random_seed
from mmengine.utils.dl_utils import set_multi_processing
from torch.utils.data import DataLoader

from ...data_preparation.dataset_layout import make_layout
from ...data_preparation.synth_converter import convert_synth
from ...engine.data_folders import set_data_root, the_dataset
from .clock import format_spread, spread
from .settings import Settings, describe_run, format_run, get_part, read_args

ROOMS = 4


def measure(args: argparse.Namespace) -> dict:
    """Measure what the command line names.

    Raises:
        InputError: If there is no folder ``--data-root``, or several data sets
            are joined.
    """
    cfg, settings = read_args(args)
    if args.data_root:
        set_data_root(cfg, args.data_root)
    return measure_loader(cfg, settings, args.num_workers, args.samples)


def measure_loader(
    cfg: Config,
    settings: Settings,
    num_workers: int = 2,
    samples: int = 100,
    rooms: int = ROOMS,
) -> dict:
    """Measure the data loader of a config's training.

    Its frames are repeated to ``samples`` of them, so that they come from
    the memory of the system and not from a disk. Without a data set there,
    synthetic rooms are made in a temporary folder.

    Args:
        cfg (Config): With ``train_dataloader``.
        settings (Settings): How. The warm-up passes start the workers.
        num_workers (int): Processes. Defaults to 2.
        samples (int): At least so many in a pass. Defaults to 100.
        rooms (int): Synthetic ones, if need be. Defaults to 4.

    Returns:
        dict: ``samples_per_second`` (median, min, max), ``transforms``
        (milliseconds of each for a sample, in this process), ``dataset``
        (what it is), ``frames`` in it, ``num_workers``, and the ``samples``
        of a pass.
    """
    set_multi_processing(**cfg.get('env_cfg', {}).get('mp_cfg', {}))
    train = get_part(cfg, 'train_dataloader')
    dataset_cfg = ConfigDict(the_dataset(train, 'the loader is timed with'))
    train.dataset = dataset_cfg
    with use_dataset(dataset_cfg, rooms) as name:
        dataset = DATASETS.build(dataset_cfg)
        loader = build_loader(cfg, len(dataset), settings, num_workers, samples)
        passes = [time_pass(loader) for _ in range(settings.warmup + settings.repeats)][
            settings.warmup :
        ]
        transforms = time_transforms(dataset, samples, settings.seed)
    return dict(
        describe_run(cfg, settings),
        dataset=name,
        frames=len(dataset),
        num_workers=num_workers,
        samples=passes[0][0],
        samples_per_second=spread([count / seconds for count, seconds in passes]),
        transforms=transforms,
    )


def format_result(result: dict) -> str:
    """Format what :func:`measure_loader` returns."""
    lines = [
        format_run(result),
        f'{result["dataset"]}: {result["frames"]} frames repeated to '
        f'{result["samples"]} samples',
        f'{"transform":<26}{"ms":>8}',
    ]
    rows = dict(result['transforms'], total=sum(result['transforms'].values()))
    lines += [f'{name:<26}{value:>8.2f}' for name, value in rows.items()]
    lines.append(
        f'{result["num_workers"]} workers: '
        + format_spread(result['samples_per_second'], 'samples/s', digits=1)
    )
    return '\n'.join(lines)


@contextmanager
def use_dataset(dataset_cfg: ConfigDict, rooms: int = ROOMS) -> Iterator[str]:
    """Let a config name a data set that is there.

    Args:
        dataset_cfg (ConfigDict): Of an ``NYUSSCDataset``. Changed where
            there is no such folder: then it names synthetic rooms, which are
            made now and last as long as the context.
        rooms (int): Their number. Defaults to 4.

    Yields:
        str: What the data set is.
    """
    root = dataset_cfg.data_root
    if osp.isdir(root):
        yield osp.normpath(root)
        return
    with tempfile.TemporaryDirectory() as folder:
        layout = make_layout(Path(folder) / 'Rooms', 'synth')
        convert_synth(layout.out_dir, rooms, 0, seed=0)
        dataset_cfg.update(
            data_root=str(layout.out_dir), ann_file=layout.annotation_file('train').name
        )
        yield f'synthetic rooms (there is no {root})'


def build_loader(
    cfg: Config, frames: int, settings: Settings, num_workers: int, samples: int
) -> DataLoader:
    """Build the training loader of a config over repeated frames.

    Args:
        cfg (Config): With ``train_dataloader``.
        frames (int): Of its data set.
        settings (Settings): Batch size, and seed of the sampler.
        num_workers (int): Processes.
        samples (int): At least so many in a pass.

    Returns:
        DataLoader: Whose workers outlive a pass.
    """
    batches = math.ceil(samples / settings.batch_size)
    times = math.ceil(batches * settings.batch_size / frames)
    loader_cfg = dict(
        cfg.train_dataloader,
        batch_size=settings.batch_size,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
        num_batch_per_epoch=batches,
        dataset=dict(
            type='RepeatDataset', dataset=cfg.train_dataloader.dataset, times=times
        ),
    )
    return Runner.build_dataloader(loader_cfg, seed=settings.seed)


def time_pass(loader: DataLoader) -> tuple:
    """Return the number of samples of a pass, and its seconds."""
    count, start = 0, time.perf_counter()
    for batch in loader:
        count += len(batch['data_samples'])
    return count, time.perf_counter() - start


def time_transforms(dataset: BaseDataset, samples: int, seed: int) -> dict:
    """Measure every transform in this process.

    Args:
        dataset (NYUSSCDataset): With a pipeline.
        samples (int): How often its frames are loaded.
        seed (int): Of what the transforms draw.

    Returns:
        dict[str, float]: Milliseconds for a sample, the mean, as some
        transforms work on part of the samples only.
    """
    set_random_seed(seed)
    seconds: dict[str, float] = defaultdict(float)
    for index in range(samples):
        results = dataset.get_data_info(index % len(dataset))
        for place, transform in enumerate(dataset.pipeline.transforms):
            start = time.perf_counter()
            results = transform(results)
            name = f'{place} {type(transform).__name__}'
            seconds[name] += time.perf_counter() - start
    return {name: 1e3 * total / samples for name, total in seconds.items()}
