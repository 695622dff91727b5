"""Pages of the frames of a data set, as a network completes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np
import torch

from ..evaluation.functional import SKETCH, ssc_confusion
from ..evaluation.functional.ssc_error_report import region_figures
from ..geometry.camera import Intrinsics
from ..structures import IGNORE, SSCDataSample
from .frame_panels import colour_depth
from .scene_index import INDEX, IndexEntry, check_frame_names, write_scene_index
from .scene_page import write_scene_page
from .scene_view import SceneView
from .visible_labels import unseen_voxels, visible_labels

_RANKED_BY = 'SSC mIoU'
_SCORES = {'SC IoU': 'sc_iou', _RANKED_BY: 'ssc_miou'}


def write_frame_page(
    path: Path,
    data_sample: SSCDataSample,
    photo: Optional[np.ndarray],
    depth: Optional[np.ndarray],
    dataset_meta: dict,
) -> IndexEntry:
    """Write the page of a predicted frame.

    Args:
        path (Path): The page; ``NAME.png`` is its picture in the index.
        data_sample (SSCDataSample): With prediction, and ground truth where
            there is one.
        photo (np.ndarray, optional): (H, W, 3) uint8, RGB.
        depth (np.ndarray, optional): (H, W), metres; 0 is not measured.
        dataset_meta (dict): ``classes``, ``palette``, ``ignore_index``.

    Returns:
        IndexEntry: With SC IoU and SSC mIoU of the frame, over the classes
        that occur in it, of the voxels that the protocol '3dsketch' counts;
        nothing where there is no ground truth or nothing to score.

    Raises:
        ValueError: If there is no prediction.
        InputError: If the page would be that of all frames.
    """
    check_frame_names([path.stem])
    ignore_index = dataset_meta.get('ignore_index', IGNORE)
    pred, truth = visible_labels(data_sample, ignore_index)
    if pred is None:
        raise ValueError('a page needs a prediction, but the sample has none')
    has_view = 'cam2world' in data_sample and 'cam2img' in data_sample
    view = SceneView(
        pred.astype(np.uint8),
        truth=None if truth is None else truth.astype(np.uint8),
        surface=_surface(data_sample),
        confidence=_confidence(data_sample),
        unseen=unseen_voxels(data_sample),
        photo=photo,
        depth=None if depth is None else colour_depth(depth),
        cam2world=np.asarray(data_sample.cam2world) if has_view else None,
        intrinsics=Intrinsics.from_matrix(data_sample.cam2img) if has_view else None,
        **{
            key: data_sample.get(key)
            for key in ('voxel_size', 'voxel_origin')
            if key in data_sample
        },
    )
    write_scene_page(path, view, dataset_meta, path.stem, share_library=True)
    return IndexEntry(
        path.stem, path.name, f'{path.stem}.png', _scores(data_sample, dataset_meta)
    )


def write_frame_index(folder: Path, entries: Sequence[IndexEntry]) -> None:
    """Write ``index.html``, the lowest mIoU first."""
    worst_first = sorted(
        entries, key=lambda entry: entry.numbers.get(_RANKED_BY, np.inf)
    )
    write_scene_index(folder / f'{INDEX}.html', f'{len(entries)} frames', worst_first)


def _surface(data_sample: SSCDataSample) -> Optional[np.ndarray]:
    """Voxels with a surface that a pixel sees."""
    sensor = data_sample.get('sensor_voxel', {})
    if 'points' in sensor:
        return np.asarray(sensor.points) > 0
    truth = data_sample.get('gt_voxel_seg', {})
    if 'occluded' not in truth:
        return None
    return ~truth.get('occluded').cpu().numpy()


def _confidence(data_sample: SSCDataSample) -> Optional[np.ndarray]:
    """How sure the network is of each voxel."""
    predicted = data_sample.pred_voxel_seg
    if 'confidence' not in predicted:
        return None
    return predicted.confidence.cpu().numpy()


def _scores(data_sample: SSCDataSample, dataset_meta: dict) -> dict[str, float]:
    """Scores of one frame, in percent."""
    truth = data_sample.get('gt_voxel_seg', {})
    if 'label_weight' not in truth:
        return {}
    truth = {
        key: truth.get(key).cpu()
        for key in ('label', 'label_weight', 'occluded')
        if key in truth
    }
    truth.setdefault('occluded', torch.ones_like(truth['label_weight']))
    ignore_index = dataset_meta.get('ignore_index', IGNORE)
    counted = SKETCH.count(truth, ignore_index).semantic
    classes = dataset_meta['classes']
    figures = region_figures(
        ssc_confusion(
            data_sample.pred_voxel_seg.label.cpu(),
            truth['label'],
            counted,
            len(classes),
        ),
        classes,
        ignore_index,
    )
    scores = {title: figures[key] for title, key in _SCORES.items()}
    return {title: score for title, score in scores.items() if score is not None}
