"""Scores of the predictions of any program."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from ..datasets.open_folder import open_folder
from ..datasets.transforms import LoadVoxelAnnotations, LoadVoxelMapping
from ..evaluation import OccupiedShareMetric, SSCMetric
from ..evaluation.metrics.frame_counts_metric import FrameCountsMetric
from ..fileio.prediction_file import SUFFIXES, read_prediction
from ..utils.errors import InputError, values_are_input

# what is named of a long list
_MAX_NAMED = 5


def score_predictions(
    folder: Path, data_root: Path, split: str, protocols: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Score one file of labels a frame.

    Args:
        folder (Path): Of the predictions, ``NYU0003.npy`` or ``0003.npz``,
            see :func:`read_prediction`; every frame of the split once.
        data_root (Path): Folder of the data set.
        split (str): 'train' or 'test'.
        protocols (Sequence[str]): Names of evaluation protocols.

    Returns:
        dict[str, dict]: By protocol, the scores of :obj:`SSCMetric`; under
        'occupied' those of :obj:`OccupiedShareMetric`. All in percent.

    Raises:
        InputError: If a prediction is missing, there twice or broken, or
            there is no such data set or protocol.
    """
    dataset = open_folder(str(data_root), split)
    metrics: dict[str, FrameCountsMetric] = {
        name: SSCMetric(protocol=name) for name in protocols
    }
    metrics['occupied'] = OccupiedShareMetric()
    for metric in metrics.values():
        metric.dataset_meta = dataset.metainfo
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    files = find_predictions(folder, [info['sample_idx'] for info in infos])
    mapping, annotations = LoadVoxelMapping(), LoadVoxelAnnotations()
    for info in tqdm(infos, desc=split):
        truth = annotations.transform(mapping.transform(info))
        sample = _pair(files[info['sample_idx']], truth)
        for metric in metrics.values():
            metric.process({}, [sample])
    return {name: metric.evaluate(size=len(infos)) for name, metric in metrics.items()}


def find_predictions(folder: Path, frames: Iterable[str]) -> dict[str, Path]:
    """Find the prediction of every frame.

    Args:
        folder (Path): Where to look.
        frames (Iterable[str]): Names, such as 'NYU0003', or '0003' for
            short.

    Returns:
        dict[str, Path]: By name.

    Raises:
        InputError: If a frame has none, or more than one.
    """
    if not folder.is_dir():
        raise InputError(f"folder of predictions '{folder}' not found")
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES and not path.name.startswith('.'):
            found.setdefault(path.stem, []).append(path)
    frames = list(frames)
    # a short name may be another frame's whole one
    taken = set(frames)
    chosen, missing = {}, []
    for frame in frames:
        short = frame[-4:]
        names = {frame, short} if short.isdigit() and short not in taken else {frame}
        paths = [path for name in names for path in found.pop(name, [])]
        if len(paths) > 1:
            raise InputError(
                f'frame {frame} has {len(paths)} predictions: '
                f'{", ".join(map(str, sorted(paths)))}'
            )
        if paths:
            chosen[frame] = paths.pop()
        else:
            missing.append(frame)
    if missing:
        raise InputError(
            f"'{folder}' has no prediction of {len(missing)} frames: "
            f'{_shorten(missing)}; expected one file each, such as '
            f'{missing[0]}.npy or .npz'
        )
    if found:
        print(
            f'{len(found)} files of other frames are not scored: '
            f'{_shorten(sorted(found))}'
        )
    return chosen


def _pair(path: Path, truth: dict) -> dict:
    """A sample as the metrics take it."""
    if 'label' not in truth:
        raise InputError(
            f'frame {truth["sample_idx"]} has no ground truth: '
            'there is nothing to score'
        )
    with values_are_input():
        label = read_prediction(path, truth['grid_size'], truth['num_classes'])
    return dict(
        pred_voxel_seg=dict(label=torch.from_numpy(label)),
        gt_voxel_seg={
            key: torch.from_numpy(truth[key])
            for key in ('label', 'label_weight', 'occluded')
        },
    )


def _shorten(names: Sequence[str]) -> str:
    """The first of many names."""
    more = ', ...' if len(names) > _MAX_NAMED else ''
    return ', '.join(names[:_MAX_NAMED]) + more
