import torch.nn as nn
from mmdet3d.registry import HOOKS
from mmengine.dataset import BaseDataset
from mmengine.runner import Runner

from ...datasets.transforms import LoadSeg2D
from ...structures import FrameSizes
from ...utils.errors import InputError
from ...utils.model_wrapper import unwrap
from .dataset_check_hook import AnyDataset, DatasetCheckHook, inner_datasets


@HOOKS.register_module()
class SizeCheckHook(DatasetCheckHook):
    """Refuse a data set of other sizes or classes than the network's.

    ``grid_size``, ``img_size``, the number of classes and ``ignore_index``
    of every data set, also inside mmengine's wrappers, are those of the
    network; so is the number of 2D labels that it loads. Data of a smaller photo
    would else be padded with black, other classes would end in wrong scores, not
    in an error.
    """

    def check(self, runner: Runner, dataset: AnyDataset) -> None:
        """Compare the network with each data set, and these among them.

        Raises:
            InputError: If they differ, or a data set does not say its sizes.
        """
        model = unwrap(runner.model)
        # None: photos of any size; a model of one's own need not say anything
        if getattr(model, 'sizes', None) is None:
            return
        classes = getattr(dataset, 'metainfo', {}).get('classes', ())
        for inner in inner_datasets(dataset):
            check_sizes(model.sizes, inner)
            if tuple(inner.metainfo['classes']) != tuple(classes):
                raise InputError(
                    f"the data set '{inner.data_root}' has other classes than the "
                    'data set beside it: what they call by one number differs'
                )
            _check_labels_2d(model, inner)


def check_sizes(sizes: FrameSizes, dataset: BaseDataset) -> None:
    """Refuse a data set of other sizes than a network's.

    Args:
        sizes (FrameSizes): The network's.
        dataset (BaseDataset): Not a wrapper.

    Raises:
        InputError: If they differ, or the data set does not say its own.
    """
    # a data set of torch has none
    found = FrameSizes.of_dataset(getattr(dataset, 'metainfo', {}))
    for key, ours, theirs in sizes.differences(found):
        raise InputError(
            f'the network is made for {key} {ours}, but the data set '
            f"'{dataset.data_root}' has {theirs}; use the config of this data set, or "
            'change one of them'
        )


def _check_labels_2d(model: nn.Module, dataset: BaseDataset) -> None:
    """Refuse to load more or fewer 2D labels than a network knows."""
    pipeline = getattr(dataset, 'pipeline', None)
    for transform in getattr(pipeline, 'transforms', ()):
        if not isinstance(transform, LoadSeg2D):
            continue
        for name, part in model.named_modules():
            known = getattr(part, 'num_labels', transform.num_labels)
            if known != transform.num_labels:
                raise InputError(
                    f'{name} is made for num_labels {known}, but LoadSeg2D of the '
                    f"data set '{dataset.data_root}' has {transform.num_labels}; "
                    'change one of them'
                )
