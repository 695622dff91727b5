from .latent_kl_loss import LatentKLLoss
from .sketch_cvae import SketchCVAE
from .sketch_encoder import SketchEncoder
from .sketch_segmentor import SketchSegmentor

__all__ = ['LatentKLLoss', 'SketchCVAE', 'SketchEncoder', 'SketchSegmentor']
