from .functional import sc_counts, scores_from_counts, ssc_confusion
from .metrics import SSCErrorMetric, SSCMetric

__all__ = [
    'SSCErrorMetric', 'SSCMetric', 'sc_counts', 'scores_from_counts',
    'ssc_confusion'
]
