import torch
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...utils.cpu_memory import check_kept_size, keep_freed_memory
from ...utils.errors import InputError
from ..dead_settings import refuse_dead_settings


@HOOKS.register_module()
class RuntimeSettingsHook(Hook):
    """Set this process's precision and memory, however the run is started.

    Args:
        keep_freed_mb (float): Where the network is trained on the CPU, freed
            memory of less than so many MB (0 to 32, or infinite: all) is
            kept for the next tensor. A test always keeps all of it
            (docs/performance.md). Defaults to 4.
        allow_tf32 (bool): Whether CUDA may use TensorFloat32 for products of
            float32. Defaults to False.

    Raises:
        InputError: If there is no such size.
    """

    priority = 'VERY_HIGH'

    def __init__(self, keep_freed_mb: float = 4, allow_tf32: bool = False) -> None:
        try:
            check_kept_size(keep_freed_mb)
        except ValueError as error:
            raise InputError(f'default_hooks.runtime.keep_freed_mb {error}') from error
        self.keep_freed_mb = keep_freed_mb
        self.allow_tf32 = allow_tf32

    def before_run(self, runner: Runner) -> None:
        """Apply the settings.

        Raises:
            InputError: If the config has one in its old place.
        """
        refuse_dead_settings(runner.cfg)
        self.set_precision()
        self.set_memory(self.keep_freed_mb)

    def before_test(self, runner: Runner) -> None:
        """Keep all freed memory: a test needs little of it."""
        self.set_memory(float('inf'))

    def set_precision(self) -> None:
        """Apply ``allow_tf32``."""
        torch.backends.cuda.matmul.allow_tf32 = self.allow_tf32
        torch.backends.cudnn.allow_tf32 = self.allow_tf32

    @staticmethod
    def set_memory(keep_freed_mb: float) -> None:
        """Keep freed memory, unless there is a GPU."""
        if not torch.cuda.is_available():
            keep_freed_memory(keep_freed_mb)
