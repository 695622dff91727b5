from .semantic_affinity_kd_loss import SemanticAffinityKDLoss
from .semantic_center_kd_loss import SemanticCenterKDLoss
from .smooth_cross_entropy_loss import SmoothCrossEntropyLoss
from .surface_kd_loss import SurfaceKDLoss
from .void_loss import VoidLoss

__all__ = [
    'SemanticAffinityKDLoss',
    'SemanticCenterKDLoss',
    'SmoothCrossEntropyLoss',
    'SurfaceKDLoss',
    'VoidLoss',
]
