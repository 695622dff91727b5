from typing import Any

import torch.nn as nn
from mmdet3d.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS
from mmdet3d.utils import ConfigType
from mmengine.optim import OptimWrapper, build_optim_wrapper
from torch import Tensor

from cleaners.engine.optimizers import SplitOptimWrapperConstructor
from cleaners.utils.errors import InputError


@OPTIM_WRAPPERS.register_module()
class ZeroingOptimWrapper(OptimWrapper):
    """Set gradients to zero instead of dropping them, as torch before 2.0.

    A parameter whose gradient is zero is still decayed by AdamW; one without
    gradient is not.
    """

    def update_params(self, loss: Tensor, *args: Any, **kwargs: Any) -> None:
        """Update by the gradients of one batch.

        Raises:
            InputError: If those of several are to be gathered: the optimizer
                has the parameters of other networks, too, whose gradients it
                would take half gathered, and drop.
        """
        if self._accumulative_counts > 1:
            raise InputError(
                'optimizers of JointOptimWrapperConstructor cannot gather gradients '
                f'of {self._accumulative_counts} batches: set '
                'default_hooks.effective_batch.base_batch_size=None, with a larger '
                'train_dataloader.batch_size or more processes'
            )
        super().update_params(loss, *args, **kwargs)

    def zero_grad(self, **kwargs: Any) -> None:
        """Set the gradients to zero."""
        super().zero_grad(**{'set_to_none': False, **kwargs})


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class JointOptimWrapperConstructor(SplitOptimWrapperConstructor):
    """An optimizer for each part, each with the parameters of all parts.

    So it is in AMMNet's public code: the step of each network decays the
    other one, too, from when that has had a gradient. Everything else is as in
    the base class, whose optimizers have their own part alone.

    Raises:
        InputError: If a part asks for a type of wrapper: it has to be
            :obj:`ZeroingOptimWrapper`.
    """

    def build_part(self, model: nn.Module, name: str, cfg: ConfigType) -> OptimWrapper:
        """Build the optimizer of a part."""
        kind = cfg.get('type', 'OptimWrapper')
        kind = getattr(kind, '__name__', kind)  # a config may hold the class
        if kind not in ('OptimWrapper', 'ZeroingOptimWrapper'):
            raise InputError(
                f'optim_wrapper.{name}.type is {kind} (by the config, or --amp), but '
                'JointOptimWrapperConstructor has wrappers of its own: set it to '
                'OptimWrapper, and leave --amp out'
            )
        given = dict(cfg, type='ZeroingOptimWrapper')
        given.pop('native_only', None)  # of a wrapper in bfloat16
        return build_optim_wrapper(model, given)
