from .functional import sc_counts, scores_from_counts, ssc_confusion
from .metrics import OccupiedShareMetric, SSCErrorMetric, SSCMetric

__all__ = [
    'OccupiedShareMetric',
    'SSCErrorMetric',
    'SSCMetric',
    'sc_counts',
    'scores_from_counts',
    'ssc_confusion',
]
