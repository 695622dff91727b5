"""How well NYU's public 2D segmentations (Seg2D) know the 2D ground truth."""

from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..datasets import nyu
from ..datasets.nyu_ssc_dataset import NYUSSCDataset
from ..datasets.transforms import LoadLabel2D, LoadSeg2D
from ..evaluation import scores_from_counts, ssc_confusion
from ..evaluation.functional.ssc_eval import percent

# NYU's photos have a white border of about 8 pixels
_BORDER = 10


def measure_leak(data_root: Path) -> dict[str, dict[str, float]]:
    """Score Seg2D against Label2D, split by split.

    A network is better on what it was trained on; one that is as good on the
    test frames was trained on them, too.

    Args:
        data_root (Path): Folder of the release, with both.

    Returns:
        dict[str, dict]: By split, ``frames``, and in percent ``accuracy`` of
        the pixels and ``mIoU`` over the 11 classes; the border and what has
        no class are left out.

    Raises:
        InputError: If a file is missing or broken.
    """
    return {split: _measure(data_root, split) for split in ('train', 'test')}


def _measure(data_root: Path, split: str) -> dict[str, float]:
    """Scores of one split."""
    dataset = NYUSSCDataset(
        data_root=str(data_root),
        split=split,
        data_prefix=dict(seg2d_path='Seg2D', label2d_path='Label2D'),
        test_mode=True,
        pipeline=[LoadSeg2D(), LoadLabel2D()],
    )
    inner = (slice(_BORDER, -_BORDER),) * 2
    total = np.zeros((nyu.NUM_CLASSES,) * 2, dtype=np.int64)
    for index in tqdm(range(len(dataset)), desc=split):
        results = dataset[index]
        pred, label = map(
            torch.from_numpy,
            (nyu.map_seg2d(results['seg2d'][inner]), results['gt_seg_map'][inner]),
        )
        total += ssc_confusion(pred, label, label != nyu.IGNORE_INDEX, nyu.NUM_CLASSES)
    scores = scores_from_counts(total, np.zeros(3), nyu.CLASSES)
    return dict(
        frames=len(dataset),
        accuracy=percent(total.trace(), total.sum()),
        mIoU=scores['ssc/mIoU'],
    )
