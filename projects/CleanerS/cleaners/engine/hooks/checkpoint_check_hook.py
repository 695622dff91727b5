from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from ...utils.checkpoint import check_state_dict, state_dict_of


@HOOKS.register_module()
class CheckpointCheckHook(Hook):
    """Refuse a checkpoint that does not fit the model exactly.

    mmengine's Runner loads non-strictly: a checkpoint of wholly other keys
    would score random weights without an error.
    """

    priority = 'VERY_HIGH'

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare names and shapes before the weights are copied.

        Raises:
            InputError: If a key is missing, unexpected or of another shape.
        """
        model = runner.model
        if is_model_wrapper(model):
            model = model.module
        check_state_dict(model, state_dict_of(checkpoint), runner._load_from)
