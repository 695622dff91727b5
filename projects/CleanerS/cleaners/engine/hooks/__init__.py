from .checkpoint_check_hook import CheckpointCheckHook
from .compile_hook import CompileHook
from .effective_batch_hook import EffectiveBatchHook
from .epoch_seed_hook import EpochSeedHook, seed_worker
from .finite_check_hook import FiniteCheckHook
from .missed_validation_hook import MissedValidationHook
from .profile_check_hook import ProfileCheckHook
from .resume_check_hook import ResumeCheckHook
from .runtime_settings_hook import RuntimeSettingsHook
from .size_check_hook import SizeCheckHook
from .ssc_visualization_hook import SSCVisualizationHook
from .sync_statistics_hook import SyncStatisticsHook
from .teacher_hook import TeacherHook

__all__ = [
    'CheckpointCheckHook',
    'CompileHook',
    'EffectiveBatchHook',
    'EpochSeedHook',
    'FiniteCheckHook',
    'MissedValidationHook',
    'ProfileCheckHook',
    'ResumeCheckHook',
    'RuntimeSettingsHook',
    'SSCVisualizationHook',
    'SizeCheckHook',
    'SyncStatisticsHook',
    'TeacherHook',
    'seed_worker',
]
