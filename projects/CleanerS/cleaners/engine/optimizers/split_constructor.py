from typing import Optional

import torch.nn as nn
from mmdet3d.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmdet3d.utils import ConfigType
from mmengine.optim import OptimWrapper, OptimWrapperDict, build_optim_wrapper

from ...utils.errors import InputError
from ...utils.model_wrapper import unwrap


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class SplitOptimWrapperConstructor:
    """An optimizer for each part of a model that trains its parts in turns.

    The model has a ``train_step`` of its own, which updates them by name. In
    the log their learning rates and gradient norms have the name in front.

    Args:
        optim_wrapper_cfg (dict): Under the name of each part, an attribute
            of the model, what ``optim_wrapper`` else is.
        paramwise_cfg (dict, optional): Only to refuse it: it belongs to a
            part.

    Raises:
        InputError: If there is none.
    """

    def __init__(
        self,
        optim_wrapper_cfg: dict[str, ConfigType],
        paramwise_cfg: Optional[dict] = None,
    ) -> None:
        wrong = [
            name
            for name, cfg in optim_wrapper_cfg.items()
            if not (isinstance(cfg, dict) and 'optimizer' in cfg)
        ]
        if paramwise_cfg is not None:
            wrong.append('paramwise_cfg')
        if wrong or not optim_wrapper_cfg:
            raise InputError(
                'optim_wrapper of a model in parts has the optim_wrapper of '
                'each under its name, such as optim_wrapper.generator.'
                f'optimizer; {", ".join(wrong) or "nothing"} is no part'
            )
        self.optim_wrapper_cfg = optim_wrapper_cfg

    def __call__(self, model: nn.Module) -> OptimWrapperDict:
        """Build the optimizers.

        Raises:
            InputError: If a part is not there, or something that is trained
                belongs to none.
        """
        model = unwrap(model)
        names = set(self.optim_wrapper_cfg)
        trained = {
            name
            for name, part in model.named_children()
            if any(p.requires_grad for p in part.parameters())
        }
        if names != trained:
            raise InputError(
                f'optim_wrapper is for {sorted(names)}, but the '
                f'model trains {sorted(trained)}'
            )
        wrappers = {}
        for name, cfg in self.optim_wrapper_cfg.items():
            wrapper = self.build_part(model, name, cfg)
            if wrapper.clip_grad_kwargs:
                wrapper.grad_name = f'{name}.{wrapper.grad_name}'
            wrappers[name] = wrapper
        return OptimWrapperDict(**wrappers)

    def build_part(self, model: nn.Module, name: str, cfg: ConfigType) -> OptimWrapper:
        """Build the optimizer of a part.

        Args:
            model (nn.Module): The whole one.
            name (str): Of the part.
            cfg (dict): Of its ``optim_wrapper``.
        """
        return build_optim_wrapper(getattr(model, name), cfg)
