"""The trainings and tests of the experiment on the distillation gain."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Optional

from ..datasets.clean_twin import find_twin
from ..datasets.prepared import read_object
from ..utils.atomic_write import write_json
from ..utils.errors import InputError
from .stages import Stage

ROLES = ('baseline', 'teacher', 'student')
# of the distiller's losses, those that a student does without
ABLATIONS = {'kd-t': ('kd_center', 'kd_affinity'), 'kd-sc-sa': ('kd_surface',)}
SCORES = 'test/scores.json'
ERRORS = 'test/error_analysis.json'
_RECORD = 'settings.json'
_VALIDATION = ('val_cfg', 'val_dataloader', 'val_evaluator')


class League(NamedTuple):
    """Networks that see the same.

    Attributes:
        config (str): Of the student; the other roles' are named after it.
        pretrain (str, optional): Config of the 2DNet that comes first.
        ablations (tuple[str, ...]): Students with some of the losses.
    """

    config: str
    pretrain: Optional[str] = None
    ablations: tuple[str, ...] = ()


LEAGUES = dict(
    photo=League('cleaners_efflite0-d32', pretrain='pretrain2d_efflite0-d32'),
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
        role (str): Of :data:`ROLES`, or 'student_' and an ablation.
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
    def config(self) -> str:
        """Path of its config in the repository."""
        base = LEAGUES[self.league].config
        suffix = '' if self.role.startswith('student') else f'_{self.role}'
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

    def checkpoint(self, model: TrainedModel) -> Path:
        """The weights after the last epoch."""
        return self.folder / model.name / f'epoch_{self.settings.epochs}.pth'

    def pretrained(self, league: str) -> Path:
        """The weights of the 2DNet after its last epoch."""
        return (
            self.folder
            / league
            / 'pretrain2d'
            / f'epoch_{self.settings.pretrain_epochs}.pth'
        )

    def stages(self) -> list[Stage]:
        """List all stages, those that others need first."""
        made_twin = self._twin_stage()
        shared = {} if made_twin is None else {'twin': made_twin}
        stages = list(shared.values())
        for league in self.settings.leagues:
            if LEAGUES[league].pretrain:
                stages.append(self._pretrain_stage(league))
        for model in self.models:
            stages += self._model_stages(model, tuple(shared))
        return stages

    @property
    def twin(self) -> str:
        """Folder of the clean twin, also where it is still to be made."""
        if self.settings.twin:
            return self.settings.twin
        try:
            return find_twin(self.settings.data_root)
        except InputError:
            return str(self.folder / 'twin')

    def _twin_stage(self) -> Optional[Stage]:
        """Makes the clean twin where there is none."""
        folder = self.folder / 'twin'
        if self.twin != str(folder):
            return None
        command = (
            'tools/create_data.py',
            'tsdf-cad',
            self.settings.data_root,
            '--out-dir',
            str(folder),
        )
        return Stage('twin', command, folder / 'poses.json', self.folder / 'twin.log')

    def _pretrain_stage(self, league: str) -> Stage:
        config = f'configs/{LEAGUES[league].pretrain}.py'
        work_dir = self.folder / league / 'pretrain2d'
        return Stage(
            f'{league}/pretrain2d',
            self._train_command(config, work_dir, self.settings.pretrain_epochs),
            self.pretrained(league),
            work_dir / 'train.log',
        )

    def _model_stages(
        self, model: TrainedModel, shared: tuple[str, ...]
    ) -> Iterator[Stage]:
        """Train, then score."""
        folder = self.folder / model.name
        reads_twin = model.role != 'baseline'
        needs = shared if reads_twin else ()
        options = dict(self._network_options(model))
        if LEAGUES[model.league].pretrain:
            needs += (f'{model.league}/pretrain2d',)
        if model.role.startswith('student'):
            needs += (f'{self._teacher(model).name}/train',)
        command = self._train_command(
            model.config, folder, self.settings.epochs, model.seed, options
        )
        twin = ('--twin', self.twin) if reads_twin else ()
        weights = self.checkpoint(model)
        yield Stage(
            f'{model.name}/train', command + twin, weights, folder / 'train.log', needs
        )
        # a student is tested on what the sensor saw
        twin = ('--twin', self.twin) if model.role == 'teacher' else ()
        yield Stage(
            f'{model.name}/test',
            (
                'tools/analysis_tools/ssc_error_analysis.py',
                model.config,
                str(weights),
                '--data-root',
                self.settings.data_root,
                *twin,
                '--out-dir',
                str(folder / 'test'),
                *self._poses(),
            ),
            folder / ERRORS,
            folder / 'test.log',
            (f'{model.name}/train',),
        )

    def _poses(self) -> tuple:
        """Cameras of frames whose data set does not say them."""
        poses = Path(self.twin, 'poses.json')
        if not (poses.exists() or self.twin == str(self.folder / 'twin')):
            return ()
        return ('--cfg-options', f'test_dataloader.dataset.poses={poses}')

    def _teacher(self, student: TrainedModel) -> TrainedModel:
        return TrainedModel(student.league, 'teacher', self.settings.seeds[0])

    def _network_options(self, model: TrainedModel) -> dict[str, str]:
        """Settings of the networks of one training."""
        parts = ['model']
        options = {}
        if model.role.startswith('student'):
            parts = ['model.student', 'model.teacher']
            options['model.teacher_ckpt'] = str(self.checkpoint(self._teacher(model)))
            _, _, ablation = model.role.partition('_')
            options.update(
                (f'model.{loss}', 'None') for loss in ABLATIONS.get(ablation, ())
            )
        if LEAGUES[model.league].pretrain:
            path = str(self.pretrained(model.league))
            options.update((f'{part}.pretrained_2d', path) for part in parts)
        return options

    def _train_command(
        self,
        config: str,
        work_dir: Path,
        epochs: int,
        seed: int = 0,
        options: Optional[dict] = None,
    ) -> tuple:
        """Train, without a look at the test split."""
        options = {
            'train_cfg.max_epochs': epochs,
            'param_scheduler.T_max': epochs,
            'randomness.seed': seed,
            **dict.fromkeys(_VALIDATION, 'None'),
            **(options or {}),
        }
        return (
            'tools/train.py',
            config,
            '--data-root',
            self.settings.data_root,
            '--work-dir',
            str(work_dir),
            '--resume',
            '--cfg-options',
            *(f'{key}={value}' for key, value in options.items()),
        )


def open_plan(folder: Path, given: Mapping[str, Any] = {}) -> Plan:
    """Open the folder of an experiment, or begin one.

    Args:
        folder (Path): Of the experiment.
        given (Mapping[str, Any]): Fields of :obj:`Settings`; None and
            others do not count.

    Returns:
        Plan: With the settings that the folder was begun with.

    Raises:
        InputError: If it was begun with others, or nothing was begun and
            ``given`` is empty.
    """
    if not Path('tools/train.py').is_file():
        raise InputError(
            'the experiment runs tools/train.py and others: '
            'start it in the root of the repository'
        )
    given = {
        key: _as_tuple(given[key])
        for key in Settings._fields
        if given.get(key) is not None
    }
    record = folder / _RECORD
    if not record.exists():
        if not given:
            raise InputError(
                f"'{folder}' holds no experiment: begin it with run --data-root DIR"
            )
        settings = Settings(**given)
        write_json(record, settings._asdict())
        return Plan(settings, folder)
    settings = Settings(
        **{key: _as_tuple(value) for key, value in read_object(str(record)).items()}
    )
    for key, value in given.items():
        begun = getattr(settings, key)
        if value != begun:
            raise InputError(
                f"the experiment in '{folder}' was begun with "
                f'{key}={begun}, not {value}: leave the option '
                'out, or name another --work-dir'
            )
    return Plan(settings, folder)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
