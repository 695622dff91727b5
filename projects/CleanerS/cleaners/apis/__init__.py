from .inference import inference_ssc, init_ssc_model
from .losses import init_ssc_distiller, ssc_losses
from .ssc_inferencer import SSCInferencer

__all__ = [
    'SSCInferencer',
    'inference_ssc',
    'init_ssc_distiller',
    'init_ssc_model',
    'ssc_losses',
]
