import shlex
from typing import Optional

import torch
from mmdet3d.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from ...datasets.data_profile import check_profile, checkpoint_profile
from ...models.distillers import CleanerDistiller
from ...utils.checkpoint import weights_digest
from ...utils.errors import InputError


@HOOKS.register_module()
class TeacherHook(Hook):
    """Bind the frozen teacher when training starts, and guard it.

    - Before training the teacher is loaded into the distiller.
    - Every checkpoint's meta names the teacher's file and the SHA-256 of its
      weights; a resumed run must have the same teacher.
    - What a distillation loss trains for itself is kept in the checkpoint,
      under 'distiller', and restored on resume; where it fits also by
      Runner.resume(FILE) and ``load_from``, which compare no teachers.
    - After the first epoch no value of the teacher may have changed.

    Args:
        teacher_config (str): Config file that trains the teacher; named in
            the message when its checkpoint is missing.
    """

    priority = 'HIGH'

    def __init__(self, teacher_config: str) -> None:
        self.teacher_config = teacher_config
        self._source: Optional[dict] = None
        self._resumed: dict = {}
        self._weights: Optional[str] = None

    @classmethod
    def _distiller(cls, runner: Runner) -> CleanerDistiller:
        return cls._find_distiller(runner)[1]

    @staticmethod
    def _find_distiller(runner: Runner) -> tuple[str, CleanerDistiller]:
        """Return the distiller and its config key.

        It may be wrapped, or trained inside another model.
        """
        name, distiller = next(
            item
            for item in runner.model.named_modules()
            if isinstance(item[1], CleanerDistiller)
        )
        parts = [part for part in name.split('.') if part != 'module']
        return '.'.join(filter(None, ['model', *parts])), distiller

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remember which teacher a resumed run had; restore the losses."""
        distiller, state = self._distiller(runner), checkpoint.get('distiller', {})
        if runner._resume:
            self._resumed = checkpoint.get('meta', {}).get('teacher', {})
        fits = _shapes_of(state) == _shapes_of(distiller.own_state_dict())
        if runner._resume or fits:
            distiller.load_own_state_dict(state)

    def before_train(self, runner: Runner) -> None:
        """Load the teacher.

        Raises:
            InputError: If its checkpoint is missing or does not fit, it was
                trained on data of another profile, or the run that is resumed
                had another teacher.
        """
        key, distiller = self._find_distiller(runner)
        try:
            path = distiller.load_teacher()
        except InputError as error:
            command = shlex.join(['python', 'tools/train.py', self.teacher_config])
            raise InputError(
                f'teacher {error}. Train the teacher with: '
                f'{command}, '
                'or name its file by --cfg-options '
                f'{key}.teacher_ckpt=FILE'
            ) from error
        warning = check_profile(
            checkpoint_profile(distiller.teacher_meta),
            runner.train_dataloader.dataset.metainfo.get('profile'),
            f"teacher '{path}'",
            'the training data are',
        )
        if warning:
            runner.logger.warning(warning)
        self._weights = weights_digest(distiller.loaded_teacher)
        self._source = dict(path=path, weights_sha256=self._weights)
        known = self._resumed.get('weights_sha256', self._weights)
        if known != self._weights:
            raise InputError(
                f"teacher checkpoint '{path}' holds other weights than the one "
                f"that this run was started with ('{self._resumed['path']}'); put "
                'it back, or start anew in another --work-dir'
            )
        runner.logger.info(f'teacher: {path}')

    def after_train_epoch(self, runner: Runner) -> None:
        """Check once that the teacher is what it was.

        Raises:
            RuntimeError: If any of its values changed, or it left eval mode.
        """
        if self._weights is None:
            return
        teacher = self._distiller(runner).loaded_teacher
        if weights_digest(teacher) != self._weights:
            raise RuntimeError('the frozen teacher has changed in training')
        if any(module.training for module in teacher.modules()):
            raise RuntimeError('the frozen teacher has left eval mode')
        self._weights = None

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Write into the checkpoint which teacher and losses the run has."""
        if self._source is not None:
            checkpoint['meta']['teacher'] = dict(self._source)
        losses = self._distiller(runner).own_state_dict()
        if losses:
            checkpoint['distiller'] = {k: v.cpu() for k, v in losses.items()}


def _shapes_of(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {key: value.shape for key, value in state.items()}
