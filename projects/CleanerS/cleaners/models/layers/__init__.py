from .checkpointing import run_layer
from .ddr_bottleneck import DDRBottleneck
from .ddr_stage import DDREncoderDecoder, DDRStage, UpsampleBlock3d
from .folded_sequential import FoldedSequential
from .grid_pool3d import GridPool3d
from .grid_symmetry import ALL_FLIPS, AS_IT_IS, GridSymmetry, draw_symmetry
from .mask_dropout import MaskDropout
from .volume_stem import VolumeStem

__all__ = [
    'ALL_FLIPS',
    'AS_IT_IS',
    'DDRBottleneck',
    'DDREncoderDecoder',
    'DDRStage',
    'FoldedSequential',
    'GridPool3d',
    'GridSymmetry',
    'MaskDropout',
    'UpsampleBlock3d',
    'VolumeStem',
    'draw_symmetry',
    'run_layer',
]
