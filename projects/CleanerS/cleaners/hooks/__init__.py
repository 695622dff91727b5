from .checkpoint_check_hook import CheckpointCheckHook
from .ssc_visualization_hook import SSCVisualizationHook
from .teacher_hook import TeacherHook

__all__ = ['CheckpointCheckHook', 'SSCVisualizationHook', 'TeacherHook']
