from .ddr_bottleneck import DDRBottleneck
from .ddr_stage import DDREncoderDecoder, DDRStage, UpsampleBlock3d

__all__ = ['DDRBottleneck', 'DDREncoderDecoder', 'DDRStage', 'UpsampleBlock3d']
