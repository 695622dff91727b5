from collections.abc import Iterator
from typing import Union

from mmdet3d.registry import HOOKS
from mmengine.dataset import (
    BaseDataset,
    ClassBalancedDataset,
    ConcatDataset,
    RepeatDataset,
)
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...structures import FrameSizes
from ...utils.errors import InputError
from ...utils.model_wrapper import unwrap

AnyDataset = Union[BaseDataset, ClassBalancedDataset, ConcatDataset, RepeatDataset]


@HOOKS.register_module()
class SizeCheckHook(Hook):
    """Refuse a data set of other sizes or classes than the network's.

    ``grid_size``, ``img_size``, the number of classes and ``ignore_index``
    of every data set, also inside mmengine's wrappers, are those of the
    network. Data of a smaller photo would else be padded with black, other
    classes would end in wrong scores, not in an error.
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
    def _check(runner: Runner, dataset: AnyDataset) -> None:
        """Compare the network with each data set, and these among them.

        Raises:
            InputError: If they differ, or a data set does not say its sizes.
        """
        model = unwrap(runner.model)
        if model.sizes is None:  # it sees photos of any size alone
            return
        classes = dataset.metainfo.get('classes', ())
        for inner in inner_datasets(dataset):
            name = f"the data set '{inner.data_root}'"
            sizes = FrameSizes.of_dataset(inner.metainfo)
            for key, ours, theirs in model.sizes.differences(sizes):
                raise InputError(
                    f'the network is made for {key} {ours}, but '
                    f'{name} has {theirs}; use the config of '
                    'this data set, or change one of them'
                )
            if tuple(inner.metainfo['classes']) != tuple(classes):
                raise InputError(
                    f'{name} has other classes than the data set '
                    'beside it: what they call by one number '
                    'differs'
                )


def inner_datasets(dataset: AnyDataset) -> Iterator[BaseDataset]:
    """Yield the data sets inside wrappers, or the data set itself."""
    if isinstance(dataset, ConcatDataset):
        for part in dataset.datasets:
            yield from inner_datasets(part)
    elif isinstance(dataset, (RepeatDataset, ClassBalancedDataset)):
        yield from inner_datasets(dataset.dataset)
    else:
        yield dataset
