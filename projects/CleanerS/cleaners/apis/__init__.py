from .inference import inference_ssc, init_ssc_model
from .losses import init_ssc_distiller, ssc_losses

__all__ = [
    'inference_ssc', 'init_ssc_distiller', 'init_ssc_model', 'ssc_losses'
]
