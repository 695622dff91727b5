from .feature_modulation import FeatureModulation
from .modulated_decoder import ModulatedDecoder

__all__ = ['FeatureModulation', 'ModulatedDecoder']
