from typing import Optional

from mmdet3d.registry import HOOKS
from mmengine.runner import Runner

from ...datasets.data_profile import check_profile, checkpoint_profile
from .dataset_check_hook import AnyDataset, DatasetCheckHook, inner_datasets


@HOOKS.register_module()
class ProfileCheckHook(DatasetCheckHook):
    """Refuse data that were made by other rules than the network's.

    The network's are those of the data that its checkpoint was trained on
    (``dataset_meta`` of its meta), or of the training data of this run. A
    checkpoint that names no profile is let pass.
    """

    def __init__(self) -> None:
        self._profile: Optional[str] = None
        self._network = ''

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remember what the network was trained on."""
        self._network = f"checkpoint '{runner._load_from}'"
        self._profile = checkpoint_profile(checkpoint.get('meta', {}))
        if self._profile is None:
            runner.logger.info(
                f'{self._network} does not name the profile of '
                'the data that it was trained on'
            )

    def before_train(self, runner: Runner) -> None:
        """Check the training data; they are what the network is for."""
        super().before_train(runner)
        self._network = 'the network of this run'
        self._profile = runner.train_dataloader.dataset.metainfo.get('profile')

    def check(self, runner: Runner, dataset: AnyDataset) -> None:
        """Compare the network with each data set.

        Raises:
            InputError: If both are known and differ.
        """
        if self._profile is None:
            return
        for inner in inner_datasets(dataset):
            warning = check_profile(
                self._profile,
                inner.metainfo.get('profile'),
                self._network,
                f"the data set '{inner.data_root}' is",
            )
            if warning:
                runner.logger.warning(warning)
