from .protocols import PROTOCOLS, SKETCH, Counted, Protocol, get_protocol
from .ssc_error_counts import BinWidths, frame_tables, sum_frames
from .ssc_error_report import error_report, format_report
from .ssc_eval import sc_counts, scores_from_counts, ssc_confusion

__all__ = [
    'BinWidths',
    'Counted',
    'PROTOCOLS',
    'Protocol',
    'SKETCH',
    'error_report',
    'format_report',
    'frame_tables',
    'get_protocol',
    'sc_counts',
    'scores_from_counts',
    'ssc_confusion',
    'sum_frames',
]
