from .adversarial_trainer import AdversarialTrainer
from .modulated_ssc_head import ModulatedSSCHead
from .scene_discriminator import SceneDiscriminator

__all__ = ['AdversarialTrainer', 'ModulatedSSCHead', 'SceneDiscriminator']
