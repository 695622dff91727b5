from .functional import sc_counts, scores_from_counts, ssc_confusion
from .metrics import DumpSSCResults, OccupiedShareMetric, SSCErrorMetric, SSCMetric

__all__ = [
    'DumpSSCResults',
    'OccupiedShareMetric',
    'SSCErrorMetric',
    'SSCMetric',
    'sc_counts',
    'scores_from_counts',
    'ssc_confusion',
]
