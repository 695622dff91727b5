from typing import Any, Optional

import numpy as np
from mmdet3d.registry import METRICS
from mmengine.logging import MMLogger
from terminaltables import AsciiTable

from ..functional import (
    SKETCH,
    get_protocol,
    sc_counts,
    scores_from_counts,
    ssc_confusion,
)
from .frame_counts_metric import FrameCountsMetric


@METRICS.register_module()
class SSCMetric(FrameCountsMetric):
    """Semantic scene completion and scene completion (METHOD section 5).

    - SSC: IoU of every class but empty, and their mean ``ssc/mIoU``.
    - SC: precision, recall and IoU of 'occupied' (``sc/precision``,
      ``sc/recall``, ``sc/iou``).

    Which voxels count is said by the protocol. '3dsketch': those with label
    weight and a known label, for SC those of them that no pixel sees. 'all':
    all with a known label; of a network that tells what is void it scores the
    scene (``pred_voxel_seg.scene``). To have both, give two metrics, one of
    them with a ``prefix``.

    ``classes`` and ``ignore_index``, the label that does not count, are the
    data set's (``dataset_meta``).

    Args:
        protocol (str): '3dsketch' or 'all'. Defaults to '3dsketch'.
        **kwargs: Of :obj:`mmengine.evaluator.BaseMetric`.

    Raises:
        InputError: If there is no such protocol.
    """

    default_prefix = ''  # the names are whole; mmengine warns about None

    def __init__(self, protocol: str = SKETCH.name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.protocol = get_protocol(protocol)

    def count_frame(self, sample: dict) -> tuple:
        """Count pairs of classes, and hits and errors of 'occupied'."""
        truth = sample['gt_voxel_seg']
        label = truth['label']
        pred = self.protocol.scored(sample['pred_voxel_seg']).to(label.device)
        counted = self.protocol.count(truth, self.ignore_index)
        return (
            ssc_confusion(pred, label, counted.semantic, len(self.classes)),
            sc_counts(pred, label, counted.completion),
        )

    def compute_metrics(self, results: list[Optional[tuple]]) -> dict[str, float]:
        """Sum the counts of all frames, log the table, return the scores.

        Without any ground truth there are none.
        """
        logger = MMLogger.get_current_instance()
        rows = [row for row in results if row is not None]
        if not rows:
            logger.info(
                f'{len(results)} frames without ground truth: no scores by protocol '
                f'{self.protocol.name}'
            )
            return {}
        confusion = np.sum([row[0] for row in rows], axis=0)
        completion = np.sum([row[1] for row in rows], axis=0)
        scores = scores_from_counts(
            confusion, completion, self.classes, self.ignore_index
        )
        logger.info(
            f'{len(rows)} frames, protocol {self.protocol.name}, '
            'percent:\n' + format_scores({'result': scores})
        )
        return scores


def format_scores(rows: dict[str, dict[str, float]]) -> str:
    """Format scores as the tables of the field.

    Args:
        rows (dict[str, dict]): Name of each row and its scores, as
            :func:`scores_from_counts` returns them.

    Returns:
        str: A table: name, SC precision, recall and IoU, IoU of each class,
        SSC mIoU; one decimal.
    """
    keys = list(next(iter(rows.values())))
    titles = [
        key.replace('sc/precision', 'prec.')
        .replace('sc/recall', 'recall')
        .replace('ssc/mIoU', 'SSC mIoU')
        .replace('sc/iou', 'SC IoU')
        .split('/')[-1]
        for key in keys
    ]
    table = [['model', *titles]]
    table += [
        [name, *(f'{scores[key]:.1f}' for key in keys)] for name, scores in rows.items()
    ]
    return AsciiTable(table).table
