"""Base of hooks that look at the data of a run before it begins."""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator
from typing import Union

from mmengine.dataset import (
    BaseDataset,
    ClassBalancedDataset,
    ConcatDataset,
    RepeatDataset,
)
from mmengine.hooks import Hook
from mmengine.runner import Runner

AnyDataset = Union[BaseDataset, ClassBalancedDataset, ConcatDataset, RepeatDataset]


class DatasetCheckHook(Hook, metaclass=ABCMeta):
    """Compare the data of training, validation and test with the network."""

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Check the training data."""
        self.check(runner, runner.train_dataloader.dataset)

    def before_val(self, runner: Runner) -> None:
        """Check the validation data."""
        self.check(runner, runner.val_dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        """Check the test data."""
        self.check(runner, runner.test_dataloader.dataset)

    @abstractmethod
    def check(self, runner: Runner, dataset: AnyDataset) -> None:
        """Compare the network with each data set.

        Raises:
            InputError: If they do not fit.
        """


def inner_datasets(dataset: AnyDataset) -> Iterator[BaseDataset]:
    """Yield the data sets inside wrappers, or the data set itself."""
    if isinstance(dataset, ConcatDataset):
        for part in dataset.datasets:
            yield from inner_datasets(part)
    elif hasattr(dataset, 'dataset'):  # of mmengine, and mmdet3d's CBGSDataset
        yield from inner_datasets(dataset.dataset)
    else:
        yield dataset
