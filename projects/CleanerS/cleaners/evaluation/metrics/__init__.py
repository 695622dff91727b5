from .dump_ssc_results import DumpSSCResults
from .occupied_share_metric import OccupiedShareMetric
from .ssc_error_metric import SSCErrorMetric
from .ssc_metric import SSCMetric

__all__ = ['DumpSSCResults', 'OccupiedShareMetric', 'SSCErrorMetric', 'SSCMetric']
