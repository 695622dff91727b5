"""The trainings and tests of networks that are compared at an equal budget."""

from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, Optional

from mmengine.config import Config

from ..apis.seg2d_prediction import FOLDER
from ..engine.data_folders import innermost_datasets, reads_twin
from ..engine.teacher_source import teacher_key
from ..utils.errors import InputError
from .experiment_record import open_experiment
from .network_stages import Network, NetworkStages
from .stages import Stage
from .training_options import pretrained_options

_PRETRAIN = 'pretrain2d'
_PREDICT = 'predict_seg2d'


class Settings(NamedTuple):
    """What the comparison is asked for.

    Attributes:
        configs (tuple[str, ...]): Of the networks.
        data_root (str): Folder of the data set.
        twin (str): Its clean twin; '' where it is found beside it, or made.
            Only students and teachers read it.
        pretrain (str): Config of the 2DNet that networks with a photo start
            from; '' where they start from what their configs say. Those that
            see predicted 2D labels need it: it is trained once more for every
            fold, by the config ``NAME_fold.py`` beside it.
        epochs (int): Of every training of a network.
        pretrain_epochs (int): Of the 2DNet.
        seeds (tuple[int, ...]): Each network is trained with each; teachers
            with the first alone.
    """

    configs: tuple[str, ...] = ()
    data_root: str = 'data/NYU'
    twin: str = ''
    pretrain: str = ''
    epochs: int = 20
    pretrain_epochs: int = 6
    seeds: tuple[int, ...] = (0,)


class Plan:
    """Where everything lies, and the stages that make it.

    Args:
        settings (Settings): What is asked for.
        folder (Path): Gets all results.

    Raises:
        InputError: If no config is named, one is not there, two have one
            name, or one reads labels that nothing predicts.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        _check_configs(settings)
        self._make = NetworkStages(
            folder,
            settings.data_root,
            settings.epochs,
            settings.twin,
            needs_twin=any(map(_needs_twin, settings.configs)),
        )

    def runs(self, config: str) -> dict[int, Path]:
        """Folders of the trainings of one network, by the seed."""
        return {seed: self.folder / _name(config, seed) for seed in self.settings.seeds}

    @property
    def twin(self) -> str:
        """Folder of the clean twin, also where it is still to be made."""
        return self._make.twin

    def stages(self) -> list[Stage]:
        """List all stages, those that others need first."""
        stages = {stage.name: stage for stage in self._make.make_twin()}
        for seed in self.settings.seeds:
            for config in self.settings.configs:
                stages.update((s.name, s) for s in self._network(config, seed))
        return list(stages.values())

    @cached_property
    def pretraining(self) -> list[Stage]:
        """list[Stage]: The one that trains the 2DNet, if there is one."""
        config, epochs = self.settings.pretrain, self.settings.pretrain_epochs
        return [self._make.pretrain(_PRETRAIN, config, epochs)] if config else []

    @cached_property
    def prediction(self) -> list[Stage]:
        """list[Stage]: Those that predict 2D labels, the last one does."""
        (whole,) = self.pretraining
        config = _fold_config(self.settings.pretrain)
        split = Config.fromfile(config).train_dataloader.dataset.filter_cfg
        key = 'train_dataloader.dataset.filter_cfg.fold'
        folds = [
            self._make.pretrain(
                f'{_PRETRAIN}_fold{fold}',
                config,
                self.settings.pretrain_epochs,
                {key: fold},
            )
            for fold in range(round(1 / split.share))
        ]
        config = self.settings.pretrain
        return [
            whole,
            *folds,
            self._make.predict_labels(_PREDICT, config, whole, folds),
        ]

    def _network(self, config: str, seed: int) -> list[Stage]:
        """What one network needs, its training and its test."""
        cfg = Config.fromfile(config)
        first: list[Stage] = []
        needs: list[str] = []
        options: dict[str, Any] = {}
        for stage in self.pretraining:
            options.update(pretrained_options(cfg, str(stage.result)))
            if options:
                first.append(stage)
                needs.append(stage.name)
        if reads_labels(cfg) == FOLDER:
            first += self.prediction
            needs.append(_PREDICT)
        key = teacher_key(cfg)
        if key is not None:
            teacher = cfg.default_hooks.teacher.teacher_config
            stages = self._network(teacher, self.settings.seeds[0])
            first += stages
            needs.append(stages[-2].name)
            options[key] = stages[-2].result
        network = Network(
            _name(config, seed),
            config,
            seed,
            options,
            reads_twin=_reads_twin(cfg.train_dataloader),
            tested_on_twin=_reads_twin(cfg.test_dataloader),
        )
        return first + list(self._make.train_and_test(network, tuple(needs)))


def reads_labels(cfg: Config) -> Optional[str]:
    """Return the folder of the 2D labels that a network sees; None for none."""
    datasets = innermost_datasets(cfg.train_dataloader.dataset)
    prefixes = (dataset.get('data_prefix') or {} for dataset in datasets)
    return next(filter(None, (prefix.get('seg2d_path') for prefix in prefixes)), None)


def _check_configs(settings: Settings) -> None:
    """Refuse what cannot be compared; see :obj:`Plan`."""
    if not settings.configs:
        raise InputError('which networks? begin with run --configs CONFIG ...')
    for config in filter(None, (*settings.configs, settings.pretrain)):
        _require_file(config)
    names = [Path(config).stem for config in settings.configs]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(f'several configs are named {", ".join(doubled)}')
    for config in settings.configs:
        if reads_labels(Config.fromfile(config)) == FOLDER:
            if not settings.pretrain:
                raise InputError(
                    f"'{config}' reads {FOLDER}, labels that a 2DNet predicts: name "
                    'its config by --pretrain'
                )
            _require_file(_fold_config(settings.pretrain))


def _require_file(config: str) -> None:
    if not Path(config).is_file():
        raise InputError(f"config '{config}' not found")


def _fold_config(pretrain: str) -> str:
    """The config that trains a 2DNet without a fold of the training frames."""
    path = Path(pretrain)
    return str(path.with_name(f'{path.stem}_fold{path.suffix}'))


def _name(config: str, seed: int) -> str:
    return f'{Path(config).stem}-seed{seed}'


def _needs_twin(config: str) -> bool:
    """Whether a network, or the teacher of a student, reads the clean twin."""
    cfg = Config.fromfile(config)
    loaders = (cfg.train_dataloader, cfg.test_dataloader)
    return teacher_key(cfg) is not None or any(map(_reads_twin, loaders))


def _reads_twin(dataloader: Mapping) -> bool:
    return any(map(reads_twin, innermost_datasets(dataloader['dataset'])))


# of (folder, given): opens an experiment, or begins one
open_plan = partial(open_experiment, Settings, Plan)
