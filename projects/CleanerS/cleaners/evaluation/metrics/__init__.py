from .ssc_metric import SSCMetric

__all__ = ['SSCMetric']
