from mmdet3d.registry import HOOKS
from mmengine.dataset import BaseDataset
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from ...utils.errors import InputError


@HOOKS.register_module()
class SizeCheckHook(Hook):
    """Refuse a data set of another grid or class list than the network's.

    Another number of classes would else end in wrong scores, not in an
    error.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Check the training data."""
        self._check(runner, runner.train_dataloader.dataset)

    def before_val(self, runner: Runner) -> None:
        """Check the validation data."""
        self._check(runner, runner.val_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        """Check the test data."""
        self._check(runner, runner.test_dataloader.dataset)

    @staticmethod
    def _check(runner: Runner, dataset: BaseDataset) -> None:
        """Compare grid and classes.

        Raises:
            InputError: If they differ.
        """
        model = runner.model
        if is_model_wrapper(model):
            model = model.module
        network = getattr(model, 'student', model)
        metainfo = dataset.metainfo
        for name, ours, theirs in (('grid_size', network.voxel_neck.grid_size,
                                    tuple(metainfo['grid_size'])),
                                   ('num_classes',
                                    network.decode_head.num_classes,
                                    len(metainfo['classes']))):
            if ours != theirs:
                raise InputError(
                    f'the network is made for {name} {ours}, but the data set '
                    f"'{dataset.data_root}' has {theirs}; use the config of "
                    'this data set, or change one of them')
