from .ssc_error_metric import SSCErrorMetric
from .ssc_metric import SSCMetric

__all__ = ['SSCErrorMetric', 'SSCMetric']
