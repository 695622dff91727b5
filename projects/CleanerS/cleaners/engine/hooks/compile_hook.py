from typing import Any

import torch
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...utils.model_wrapper import unwrap


@HOOKS.register_module()
class CompileHook(Hook):
    """Compile the forward pass of the training by ``torch.compile``.

    mmengine's runner (``compile = True``) would compile ``train_step``, and
    the optimizer with it, whose every new learning rate is one more function
    to compile (and whose groups torch 2.13 refuses). Tests and checkpoints
    are not touched.

    Of AMMNet the losses of the network are compiled; those of its
    discriminator are not.

    Args:
        enable (bool): Whether anything is compiled. Defaults to True.
        **kwargs: Arguments of ``torch.compile``.
    """

    def __init__(self, enable: bool = True, **kwargs: Any) -> None:
        self.enable = enable
        self.options = kwargs

    def before_train(self, runner: Runner) -> None:
        """Put the compiled ``loss`` in the place of the model's own."""
        if not self.enable:
            return
        model = unwrap(runner.model)
        model.loss = torch.compile(model.loss, **self.options)
        runner.logger.info(
            'the losses of the network are compiled: the first iterations take minutes'
        )
