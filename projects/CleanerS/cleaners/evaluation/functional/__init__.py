from .ssc_error_counts import BinWidths, frame_tables, sum_frames
from .ssc_error_report import error_report, format_report
from .ssc_eval import (counted_voxels, sc_counts, scores_from_counts,
                       ssc_confusion)

__all__ = [
    'BinWidths', 'counted_voxels', 'error_report', 'format_report',
    'frame_tables', 'sc_counts', 'scores_from_counts', 'ssc_confusion',
    'sum_frames'
]
