from .inference import inference_ssc, init_ssc_model
from .losses import init_ssc_distiller, ssc_losses
from .scene_knowledge import known_scene
from .ssc_inferencer import SSCInferencer

__all__ = [
    'SSCInferencer',
    'inference_ssc',
    'init_ssc_distiller',
    'init_ssc_model',
    'known_scene',
    'ssc_losses',
]
