from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .merged_constructor import MergedOptimWrapperConstructor
from .split_constructor import SplitOptimWrapperConstructor

__all__ = [
    'BFloat16OptimWrapper',
    'MergedOptimWrapperConstructor',
    'SplitOptimWrapperConstructor',
]
