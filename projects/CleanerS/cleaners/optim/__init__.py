from .merged_constructor import MergedOptimWrapperConstructor

__all__ = ['MergedOptimWrapperConstructor']
