"""The trainings and tests of networks that are compared at an equal budget."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

from ..engine.data_folders import innermost_datasets, reads_twin
from ..utils.errors import InputError
from .experiment_record import open_experiment
from .network_stages import Network, NetworkStages
from .stages import Stage
from .training_options import pretrained_options, teacher_key

_PRETRAIN = 'pretrain2d'


class Settings(NamedTuple):
    """What the comparison is asked for.

    Attributes:
        configs (tuple[str, ...]): Of the networks.
        data_root (str): Folder of the data set.
        twin (str): Its clean twin; '' where it is found beside it, or made.
            Only students and teachers read it.
        pretrain (str): Config of the 2DNet that networks with a photo start
            from; '' where they start from what their configs say.
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
        InputError: If no config is named, one is not there, or two have one
            name.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        if not settings.configs:
            raise InputError('which networks? begin with run --configs CONFIG ...')
        for config in (*settings.configs, settings.pretrain):
            if config and not Path(config).is_file():
                raise InputError(f"config '{config}' not found")
        names = [Path(config).stem for config in settings.configs]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise InputError(f'several configs are named {", ".join(doubled)}')
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

    def checkpoint(self, name: str) -> Path:
        """The weights of a training after the last epoch."""
        return self._make.checkpoint(name)

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


def _name(config: str, seed: int) -> str:
    return f'{Path(config).stem}-seed{seed}'


def _needs_twin(config: str) -> bool:
    """Whether a network, or the teacher of a student, reads the clean twin."""
    cfg = Config.fromfile(config)
    loaders = (cfg.train_dataloader, cfg.test_dataloader)
    return teacher_key(cfg) is not None or any(map(_reads_twin, loaders))


def _reads_twin(dataloader: Mapping) -> bool:
    return any(map(reads_twin, innermost_datasets(dataloader['dataset'])))


def open_plan(folder: Path, given: Mapping[str, object] = {}) -> Plan:
    """Open the folder of a comparison, or begin one.

    Args:
        folder (Path): Of the comparison.
        given (Mapping[str, object]): Fields of :obj:`Settings`; None and
            others do not count.

    Raises:
        InputError: If it was begun with others, nothing was begun and
            ``given`` is empty, or :obj:`Plan` refuses.
    """
    return open_experiment(Settings, Plan, folder, given)
