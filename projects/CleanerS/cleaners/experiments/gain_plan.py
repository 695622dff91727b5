"""The trainings and tests of the experiment on the distillation gain."""

from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, Optional

from mmengine.config import Config

from .experiment_record import open_experiment
from .network_stages import Network, NetworkStages
from .stages import Stage
from .training_options import pretrained_options

ROLES = ('baseline', 'teacher', 'student')
# of the distiller's losses, those that a student does without
ABLATIONS = {'kd-t': ('kd_center', 'kd_affinity'), 'kd-sc-sa': ('kd_surface',)}
# by role, as tables name and order them
NAMES = {
    'teacher': 'teacher, on TSDF-CAD',
    'baseline': 'baseline',
    'student': 'student',
    'student_kd-t': 'student, KD-T alone',
    'student_kd-sc-sa': 'student, KD-SC and KD-SA',
}


class League(NamedTuple):
    """Networks that see the same.

    Attributes:
        config (str): Of the student; the other roles' are named after it.
        pretrain (str): Path of the config of the 2DNet that comes first, or ''.
        ablations (tuple[str, ...]): Students with some of the losses.
    """

    config: str
    pretrain: str = ''
    ablations: tuple[str, ...] = ()


LEAGUES = dict(
    photo=League(
        'cleaners_efflite0-d32', pretrain='configs/pretrain2d_efflite0-d32.py'
    ),
    depth=League('cleaners_depth-d32', ablations=tuple(ABLATIONS)),
)


class Settings(NamedTuple):
    """What the experiment is asked for.

    Attributes:
        data_root (str): Folder of the data set.
        twin (str): Its clean twin; '' where it is found beside it, or made.
        leagues (tuple[str, ...]): Of :data:`LEAGUES`.
        epochs (int): Of every training of a network.
        pretrain_epochs (int): Of the 2DNet.
        seeds (tuple[int, ...]): The first trains everything; the others
            baseline and student again, beside the same teacher.
        ablations (bool): Whether students with some of the losses are
            trained, too.
    """

    data_root: str = 'data/NYU'
    twin: str = ''
    leagues: tuple[str, ...] = tuple(LEAGUES)
    epochs: int = 20
    pretrain_epochs: int = 6
    seeds: tuple[int, ...] = (0, 1, 2)
    ablations: bool = True


class TrainedModel(NamedTuple):
    """One training of a network.

    Attributes:
        league (str): Of :data:`LEAGUES`.
        role (str): Of :data:`NAMES`.
        seed (int): Its seed.
    """

    league: str
    role: str
    seed: int

    @property
    def name(self) -> str:
        """Its folder in that of the experiment."""
        return f'{self.league}/{self.role}-seed{self.seed}'

    @property
    def title(self) -> str:
        """What it is called in tables of several leagues."""
        return f'{self.league}, {NAMES[self.role]}'

    @property
    def is_student(self) -> bool:
        """Whether it learns from a teacher."""
        return self.role.startswith('student')

    @property
    def config(self) -> str:
        """Path of its config in the repository."""
        base = LEAGUES[self.league].config
        suffix = '' if self.is_student else f'_{self.role}'
        return f'configs/{base}{suffix}.py'


def list_models(settings: Settings) -> list[TrainedModel]:
    """List the trainings, in the order in which they are worth most."""
    first, *others = settings.seeds
    models = []
    for league in settings.leagues:
        models += [TrainedModel(league, role, first) for role in ROLES]
        models += [
            TrainedModel(league, f'student_{ablation}', first)
            for ablation in LEAGUES[league].ablations
            if settings.ablations
        ]
    models += [
        TrainedModel(league, role, seed)
        for seed in others
        for league in settings.leagues
        for role in ('baseline', 'student')
    ]
    return models


class Plan:
    """Where everything lies, and the stages that make it.

    Args:
        settings (Settings): What is asked for.
        folder (Path): Gets all results.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.models = list_models(settings)
        self._make = NetworkStages(
            folder, settings.data_root, settings.epochs, settings.twin
        )

    @property
    def first_seed(self) -> list[TrainedModel]:
        """list[TrainedModel]: Those of the seed that trains everything."""
        seed = self.settings.seeds[0]
        return [model for model in self.models if model.seed == seed]

    @property
    def twin(self) -> str:
        """Folder of the clean twin, also where it is still to be made."""
        return self._make.twin

    def checkpoint(self, model: TrainedModel) -> Path:
        """The weights after the last epoch."""
        return self._make.checkpoint(model.name)

    def stages(self) -> list[Stage]:
        """List all stages, those that others need first."""
        stages = self._make.make_twin()
        stages += self.pretraining.values()
        for model in self.models:
            stages += self._train_and_test(model, self.pretraining.get(model.league))
        return stages

    @cached_property
    def pretraining(self) -> dict[str, Stage]:
        """dict[str, Stage]: Those that train a 2DNet, by the league."""
        return {
            league: self._make.pretrain(
                f'{league}/pretrain2d', config, self.settings.pretrain_epochs
            )
            for league in self.settings.leagues
            if (config := LEAGUES[league].pretrain)
        }

    def _train_and_test(
        self, model: TrainedModel, pretrain: Optional[Stage]
    ) -> list[Stage]:
        needs: list[str] = []
        options: dict[str, Any] = {}
        if pretrain is not None:
            needs.append(pretrain.name)
            cfg = Config.fromfile(model.config)
            options.update(pretrained_options(cfg, str(pretrain.result)))
        if model.is_student:
            teacher = TrainedModel(model.league, 'teacher', self.settings.seeds[0])
            needs.append(f'{teacher.name}/train')
            options['model.teacher_ckpt'] = self.checkpoint(teacher)
            _, _, ablation = model.role.partition('_')
            options.update(
                (f'model.{loss}', 'None') for loss in ABLATIONS.get(ablation, ())
            )
        network = Network(
            model.name,
            model.config,
            model.seed,
            options,
            reads_twin=model.role != 'baseline',
            # a student is tested on what the sensor saw
            tested_on_twin=model.role == 'teacher',
        )
        return list(self._make.train_and_test(network, tuple(needs)))


# of (folder, given): opens an experiment, or begins one
open_plan = partial(open_experiment, Settings, Plan)
