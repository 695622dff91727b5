from .protocols import SKETCH, get_protocol
from .ssc_error_report import format_report
from .ssc_eval import sc_counts, scores_from_counts, ssc_confusion

__all__ = [
    'SKETCH',
    'format_report',
    'get_protocol',
    'sc_counts',
    'scores_from_counts',
    'ssc_confusion',
]
