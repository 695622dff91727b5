from .joint_constructor import JointOptimWrapperConstructor, ZeroingOptimWrapper

__all__ = ['JointOptimWrapperConstructor', 'ZeroingOptimWrapper']
