from .functional import sc_counts, scores_from_counts, ssc_confusion
from .metrics import SSCMetric

__all__ = ['SSCMetric', 'sc_counts', 'scores_from_counts', 'ssc_confusion']
