"""The stages of networks that are trained alike: twin, 2DNet, train, test."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config

from ..datasets.clean_twin import NoTwinError, find_twin
from ..datasets.prepared import recorded_twin
from .stages import Stage
from .training_options import schedule_options

SCORES = 'test/scores.json'
ERRORS = 'test/error_analysis.json'
_VALIDATION = ('val_cfg', 'val_dataloader', 'val_evaluator')


class Network(NamedTuple):
    """One training of a network.

    Attributes:
        name (str): Its folder in that of the experiment.
        config (str): Path of its config.
        seed (int): Of the training.
        options (dict): Further settings, by their keys in the config.
        reads_twin (bool): Whether the training reads the clean twin.
        tested_on_twin (bool): Whether the test does, too.
    """

    name: str
    config: str
    seed: int = 0
    options: Mapping[str, object] = {}
    reads_twin: bool = False
    tested_on_twin: bool = False


class NetworkStages:
    """Makes the stages of networks that share data and budget.

    Args:
        folder (Path): Of the experiment; each network has a folder in it.
        data_root (str): Folder of the data set.
        epochs (int): Of every training of a network.
        twin (str): The clean twin; '' where it is found beside the data set,
            or made. Defaults to ''.
        needs_twin (bool): Whether any network reads it; else it is not made.
            Defaults to True.
    """

    def __init__(
        self,
        folder: Path,
        data_root: str,
        epochs: int,
        twin: str = '',
        needs_twin: bool = True,
    ) -> None:
        self.folder = folder
        self.data_root = data_root
        self.epochs = epochs
        self._named_twin = twin
        self._needs_twin = needs_twin

    @property
    def twin(self) -> str:
        """Folder of the clean twin, also where it is still to be made."""
        if self._named_twin:
            return self._named_twin
        try:
            return find_twin(self.data_root, recorded=self._recorded_twin)
        except NoTwinError:
            return str(self.folder / 'twin')

    @cached_property
    def _recorded_twin(self) -> str:
        """Where the data set says that it is; every stage asks."""
        return recorded_twin(self.data_root)

    def checkpoint(self, name: str) -> Path:
        """The weights of a network after the last epoch."""
        return self.folder / name / f'epoch_{self.epochs}.pth'

    def make_twin(self) -> list[Stage]:
        """Make the clean twin: one stage, or none where there is one."""
        if not self._makes_twin:
            return []
        folder = self.folder / 'twin'
        command = (
            'tools/create_data.py',
            'tsdf-cad',
            self.data_root,
            '--out-dir',
            str(folder),
        )
        return [Stage('twin', command, folder / 'poses.json', self.folder / 'twin.log')]

    def pretrain(
        self, name: str, config: str, epochs: int, options: Mapping[str, object] = {}
    ) -> Stage:
        """Train a 2DNet by labels of photos.

        Args:
            name (str): Of the stage, and of its folder.
            config (str): Path of its config.
            epochs (int): Of the training.
            options (Mapping[str, object]): Further settings. Defaults to none.
        """
        folder = self.folder / name
        command = self._train_command(Network(name, config, options=options), epochs)
        return Stage(
            name, command, folder / f'epoch_{epochs}.pth', folder / 'train.log'
        )

    def predict_labels(
        self, name: str, config: str, whole: Stage, folds: Sequence[Stage]
    ) -> Stage:
        """Label all photos by 2DNets that were not trained on them.

        Args:
            name (str): Of the stage.
            config (str): Of the 2DNet.
            whole (Stage): Trains it on all training frames.
            folds (Sequence[Stage]): Each trains it without a fold of them.
        """
        result = self.folder / f'{name}.json'
        command = (
            'tools/misc/predict_seg2d.py',
            config,
            str(whole.result),
            '--folds',
            *(str(fold.result) for fold in folds),
            '--data-root',
            self.data_root,
            '--json',
            str(result),
        )
        needs = tuple(stage.name for stage in (whole, *folds))
        return Stage(name, command, result, self.folder / f'{name}.log', needs)

    def train_and_test(
        self, network: Network, needs: tuple[str, ...] = ()
    ) -> Iterator[Stage]:
        """Train a network, then score it.

        Args:
            network (Network): Of this experiment.
            needs (tuple[str, ...]): Stages that the training waits for,
                besides that of the twin.
        """
        folder = self.folder / network.name
        twin = ('--twin', self.twin)
        if network.reads_twin:
            needs = self._twin_names + needs
        weights = self.checkpoint(network.name)
        command = self._train_command(network, self.epochs)
        yield Stage(
            f'{network.name}/train',
            command + (twin if network.reads_twin else ()),
            weights,
            folder / 'train.log',
            needs,
        )
        yield Stage(
            f'{network.name}/test',
            (
                'tools/analysis_tools/ssc_error_analysis.py',
                network.config,
                str(weights),
                '--data-root',
                self.data_root,
                *(twin if network.tested_on_twin else ()),
                '--out-dir',
                str(folder / 'test'),
                *self._poses(),
            ),
            folder / ERRORS,
            folder / 'test.log',
            (f'{network.name}/train', *self._twin_names),
        )

    @property
    def _twin_names(self) -> tuple[str, ...]:
        """The stage that makes the twin, and with it the cameras."""
        return tuple(stage.name for stage in self.make_twin())

    @property
    def _makes_twin(self) -> bool:
        return self._needs_twin and self.twin == str(self.folder / 'twin')

    def _poses(self) -> tuple:
        """Cameras of frames whose data set does not say them."""
        poses = Path(self.twin, 'poses.json')
        if not (poses.exists() or self._makes_twin):
            return ()
        return ('--cfg-options', f'test_dataloader.dataset.poses={poses}')

    def _train_command(self, network: Network, epochs: int) -> tuple:
        """Train, without a look at the test split."""
        options = {
            **schedule_options(Config.fromfile(network.config), epochs),
            'randomness.seed': network.seed,
            **dict.fromkeys(_VALIDATION, 'None'),
            **network.options,
        }
        return (
            'tools/train.py',
            network.config,
            '--data-root',
            self.data_root,
            '--work-dir',
            str(self.folder / network.name),
            '--resume',
            '--cfg-options',
            *(f'{key}={value}' for key, value in options.items()),
        )
