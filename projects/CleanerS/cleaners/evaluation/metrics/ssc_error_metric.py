from typing import Optional

from mmdet3d.registry import METRICS

from ...structures.sample_view import view_of_sample
from ..functional import SKETCH
from ..functional.ssc_error_counts import (
    BinWidths,
    FrameTables,
    frame_tables,
    sum_frames,
)
from ..functional.ssc_error_report import error_report
from .frame_counts_metric import FrameCountsMetric


@METRICS.register_module()
class SSCErrorMetric(FrameCountsMetric):
    """Where the errors are: by class, by distance, by occlusion.

    The voxels that :obj:`SSCMetric` counts for its SSC scores (protocol
    '3dsketch') are counted in one confusion matrix a bin; ``classes`` and
    ``ignore_index`` are the data set's (``dataset_meta``). Distances need
    ``cam2img``, ``cam2world``, ``voxel_origin`` and ``voxel_size`` in the
    sample's metainfo; a frame that lacks one is left out of that table, and
    counted.

    ``report`` holds all figures after the evaluation, in the main process;
    None, where no frame has a ground truth.

    Args:
        distance_bin (float): Width of the bins of the distance from the
            camera, metres. Defaults to 0.5.
        depth_bin (float): Width of the bins of the distance to the nearest
            voxel that a pixel sees, voxels. Defaults to 2.
        collect_device (str): Defaults to 'cpu'.
        prefix (str, optional): Before every score. Defaults to None:
            'error'.
    """

    default_prefix = 'error'

    def __init__(
        self,
        distance_bin: float = 0.5,
        depth_bin: float = 2.0,
        collect_device: str = 'cpu',
        prefix: Optional[str] = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.widths = BinWidths(distance=distance_bin, depth=depth_bin)
        self.report: Optional[dict] = None

    def count_frame(self, sample: dict) -> FrameTables:
        """Count a frame in bins; distances need its metainfo."""
        truth = {
            key: sample['gt_voxel_seg'][key].cpu()
            for key in ('label', 'label_weight', 'occluded')
        }
        label = truth['label']
        counted = SKETCH.count(truth, self.ignore_index)
        return frame_tables(
            sample['pred_voxel_seg']['label'].cpu(),
            label,
            counted.semantic,
            truth['occluded'],
            view_of_sample(sample, tuple(label.shape)),
            self.widths,
            len(self.classes),
        )

    def compute_metrics(self, results: list[Optional[FrameTables]]) -> dict[str, float]:
        """Sum the counts of all frames and make the report.

        Returns:
            dict[str, float]: ``surface_`` and ``occluded_`` ``accuracy``,
            ``sc_iou`` and ``ssc_miou``, as far as there is something to
            count; nothing without any ground truth.
        """
        counts = sum_frames(results)
        if not counts.frames['scored']:
            self.report = None
            return {}
        self.report = error_report(counts, self.classes, self.widths, self.ignore_index)
        return {
            f'{name}_{key}': region[key]
            for name, region in self.report['occlusion'].items()
            for key in ('accuracy', 'sc_iou', 'ssc_miou')
            if region[key] is not None
        }
