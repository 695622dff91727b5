from .checkpointing import run_layer
from .ddr_bottleneck import DDRBottleneck
from .ddr_stage import DDREncoderDecoder, DDRStage, UpsampleBlock3d
from .folded_sequential import FoldedSequential
from .halving_pool3d import HalvingPool3d
from .mask_dropout import MaskDropout
from .volume_stem import VolumeStem

__all__ = [
    'DDRBottleneck', 'DDREncoderDecoder', 'DDRStage', 'FoldedSequential',
    'HalvingPool3d', 'MaskDropout', 'UpsampleBlock3d', 'VolumeStem',
    'run_layer'
]
