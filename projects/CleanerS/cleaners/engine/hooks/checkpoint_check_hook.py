import torch.nn as nn
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from ...utils.checkpoint import (
    check_resumable,
    check_state_dict,
    find_best_checkpoint,
    find_latest_checkpoint,
    read_checkpoint,
    state_dict_of,
)
from ...utils.model_wrapper import unwrap
from ...utils.remote_checkpoint import fetch_checkpoint, is_url
from ..checkpoint_folder import folder_of_run

# what depends on the class list, in a network and in a distiller's student
CLASSIFIERS = ('head_2d.classifier.', 'decode_head.classifier.')


@HOOKS.register_module()
class CheckpointCheckHook(Hook):
    """Refuse a checkpoint that cannot be read or does not fit exactly.

    mmengine's Runner loads non-strictly: a checkpoint of wholly other keys
    would score random weights without an error.

    Args:
        allow_other_classes (bool): Whether a training may start
            (``load_from``) from the weights of other classes. The classifiers
            then keep their initial weights, and the log lists them; all else
            must fit. A resumed run and a test must fit in any case. Defaults
            to False.
    """

    priority = 'VERY_HIGH'

    def __init__(self, allow_other_classes: bool = False) -> None:
        self.allow_other_classes = allow_other_classes

    def before_run(self, runner: Runner) -> None:
        """Look at the file before it is loaded; a work dir is its best one.

        A run that is to go on from no file in particular goes on from its
        latest.

        Raises:
            InputError: If it is missing or damaged.
        """
        if runner._has_loaded:  # a run that tests what it has trained
            return
        if runner._resume and runner._load_from is None:
            folder = folder_of_run(runner)
            runner._load_from = find_latest_checkpoint(runner.work_dir, folder)
        path = runner._load_from
        if path is None:
            return
        if is_url(path):  # mmengine takes files of one name for the same
            path = runner._load_from = fetch_checkpoint(path)
        if '://' in path:  # of a model zoo of mmengine's
            return
        if runner._resume:
            check_resumable(path)
        else:
            runner._load_from = find_best_checkpoint(path)
            read_checkpoint(runner._load_from, mmap=True)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare names and shapes before the weights are copied.

        Raises:
            InputError: If a key is missing, unexpected or of another shape,
                or a value is not finite.
        """
        model = unwrap(runner.model)
        # of the loops, Runner.train() alone builds this one
        is_start = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        if is_start and self.allow_other_classes:
            _keep_classifiers(runner, model, checkpoint)
        check_state_dict(model, state_dict_of(checkpoint), str(runner._load_from))


def _keep_classifiers(runner: Runner, model: nn.Module, checkpoint: dict) -> None:
    """Put the model's own classifiers in the place of those of other classes.

    They are of other classes where their shape differs, or where the
    checkpoint names other ones than the data set.
    """
    state_dict, initial = state_dict_of(checkpoint), model.state_dict()
    meta = checkpoint.get('meta', {}).get('dataset_meta') or {}
    classes = runner.train_dataloader.dataset.metainfo['classes']
    renamed = tuple(meta.get('classes', classes)) != tuple(classes)
    left_out = [
        name
        for name in initial
        if name.startswith(CLASSIFIERS)
        and name in state_dict
        and (renamed or state_dict[name].shape != initial[name].shape)
    ]
    checkpoint['state_dict'] = {
        **state_dict,
        **{name: initial[name] for name in left_out},
    }
    runner.logger.info(
        f"left out of '{runner._load_from}', which was trained "
        f'on other classes: {", ".join(left_out) or "nothing"}'
    )
