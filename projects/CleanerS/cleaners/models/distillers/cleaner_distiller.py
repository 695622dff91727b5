import copy
import re
from typing import Any, Callable, Optional

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptConfigType
from torch import Tensor

from ...structures import FrameSizes
from ...structures.ssc_data_sample import SampleList
from ...utils.checkpoint import find_best_checkpoint, load_strictly
from ...utils.errors import InputError
from ..network_trainer import NetworkTrainer
from ..segmentors.base_ssc_segmentor import LossesAndLogits
from ..segmentors.ssc_segmentor import ImgFeats, SSCSegmentor
from ..segmentors.voxel_targets import stack_targets
from ..shared_settings import hand_over

KD_LOSSES = ('kd_surface', 'kd_center', 'kd_affinity')


@MODELS.register_module()
class CleanerDistiller(NetworkTrainer):
    """Train a student on noisy TSDF beside a frozen teacher on TSDF-CAD.

    It adds only the losses of METHOD section 3; every checkpoint of a
    distillation run *is* a student checkpoint.

    The teacher lives outside the module tree: it is not in the optimizer, not
    in the state_dict, not in distributed buffers, not initialised, and no
    ``train()`` reaches it. It is bound by :meth:`load_teacher`, which
    :obj:`TeacherHook` calls when training starts; testing needs no teacher.

    Teacher and student may have other backbones and widths; their sizes and
    classes are the same. What a loss trains for itself (the adapter of KD-T)
    is in :meth:`own_state_dict`, which :obj:`TeacherHook` keeps in the
    checkpoint beside the student.

    Args:
        student (dict): Config of the student, an :obj:`SSCSegmentor`.
        teacher (dict): Config of the teacher, an :obj:`SSCSegmentor`.
        teacher_ckpt (str): The teacher's checkpoint, or the work_dir of its
            training, which stands for the best checkpoint there.
        kd_surface (dict, optional): KD-T; None leaves it out. Defaults to
            weight 0.25.
        kd_center (dict, optional): KD-SC, likewise; it gets the student's
            ``ignore_index``.
        kd_affinity (dict, optional): KD-SA, likewise.
        init_cfg (dict, optional): Defaults to None.

    Raises:
        ValueError: If no loss is left, or sizes or classes differ.
    """

    network_name = 'student'
    other_name = 'other distillation losses'
    student: SSCSegmentor
    teacher: Optional[SSCSegmentor]

    def __init__(
        self,
        student: ConfigType,
        teacher: ConfigType,
        teacher_ckpt: str,
        kd_surface: OptConfigType = dict(type='SurfaceKDLoss'),
        kd_center: OptConfigType = dict(type='SemanticCenterKDLoss'),
        kd_affinity: OptConfigType = dict(type='SemanticAffinityKDLoss'),
        init_cfg: OptConfigType = None,
    ) -> None:
        _check_sizes(student, teacher)
        super().__init__(student, init_cfg)
        self.teacher_cfg = teacher
        self.teacher_ckpt = teacher_ckpt
        # of its checkpoint, once it is loaded
        self.teacher_meta: dict = {}
        if kd_surface and self.student.tsdf_encoder is None:
            raise InputError(
                'KD-T compares what two networks make of the '
                'TSDF, but the student has no tsdf_encoder: set '
                'kd_surface=None'
            )
        if kd_surface and not teacher.get('tsdf_encoder'):
            raise InputError('KD-T needs a teacher with a tsdf_encoder')
        self.kd_surface = MODELS.build(kd_surface) if kd_surface else None
        self.kd_center = self._build_semantic('kd_center', kd_center)
        self.kd_affinity = self._build_semantic('kd_affinity', kd_affinity)
        if not any(self._kd_losses()):
            raise InputError(
                f'all of {", ".join(KD_LOSSES)} are None: train '
                'the student without a teacher instead'
            )
        self._set_teacher(None)

    def _build_semantic(self, name: str, cfg: OptConfigType) -> Optional[nn.Module]:
        """Build a loss on labels, where it is configured."""
        if cfg is None:
            return None
        shared = dict(ignore_index=self.ignore_index)
        return MODELS.build(hand_over(shared, name, cfg))

    def _kd_losses(self) -> list[Optional[nn.Module]]:
        return [getattr(self, name) for name in KD_LOSSES]

    def _set_teacher(self, teacher: Optional[SSCSegmentor]) -> None:
        # past nn.Module's own __setattr__, which would register it
        object.__setattr__(self, 'teacher', teacher)

    def load_teacher(self) -> str:
        """Build the teacher, load its weights strictly, and freeze it.

        Returns:
            str: The checkpoint file.

        Raises:
            InputError: If there is no checkpoint, or it does not fit.
        """
        path = find_best_checkpoint(self.teacher_ckpt)
        teacher = MODELS.build(self.teacher_cfg)
        self.teacher_meta = load_strictly(teacher, path)
        like = next(self.student.parameters())
        teacher.requires_grad_(False).eval().to(like.device, like.dtype)
        self._share_backbone(teacher)
        self._set_teacher(teacher)
        return path

    @property
    def loaded_teacher(self) -> SSCSegmentor:
        """SSCSegmentor: The teacher.

        Raises:
            RuntimeError: If it is not loaded.
        """
        if self.teacher is None:
            raise RuntimeError(
                'the teacher is not loaded: call '
                'load_teacher(), or add TeacherHook to '
                'custom_hooks'
            )
        return self.teacher

    def _share_backbone(self, teacher: SSCSegmentor) -> None:
        """Let the teacher use the student's frozen backbone if it is equal.

        In eval mode it is then one module, which runs once for both; with
        drop path (``backbone_eval=False``) only the weights' memory is shared.
        """
        ours, theirs = self.student.backbone, teacher.backbone
        if ours is None or theirs is None:
            return
        frozen = not any(p.requires_grad for p in ours.parameters())
        if not frozen or not _same_state(ours, theirs):
            return
        if self.student.backbone_eval:
            teacher.backbone = ours
            return
        # not the statistics of a norm, which training may change
        parameters = dict(ours.named_parameters())
        for name, parameter in theirs.named_parameters():
            parameter.data = parameters[name].data

    def _unshare_backbone(self) -> None:
        """Give the teacher a backbone of its own."""
        if self.teacher is not None and self.teacher.backbone is not None:
            backbone = copy.deepcopy(self.teacher.backbone)
            self.teacher.backbone = backbone.eval()

    def loss_and_logits(
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> LossesAndLogits:
        """Compute the supervised and the distillation losses.

        Args:
            batch_inputs (dict[str, Tensor]): As :obj:`SSCSegmentor`, and
                ``tsdf_cad`` (B, 1, X, Y, Z).
            batch_data_samples (list[:obj:`SSCDataSample`]): Ground truth.

        Returns:
            tuple[dict[str, Tensor], Tensor]: the losses of the student and,
            where they are configured, ``loss_kd_surface``,
            ``loss_kd_center`` and ``loss_kd_affinity``, all weighted; and
            the student's logits.
        """
        targets = stack_targets(batch_data_samples)
        img_feats: ImgFeats = None
        if self.teacher is not None and (
            self.teacher.backbone is self.student.backbone
        ):
            img_feats = self.student.extract_img_feat(batch_inputs)
        # the teacher first, while the student holds no activations
        tsdf_feat, teacher_logits = self._run_teacher(batch_inputs, img_feats)
        feats = self.student.extract_feat(batch_inputs, img_feats)
        kd_losses = {}
        if self.kd_surface is not None:
            kd_losses['loss_kd_surface'] = self.kd_surface(
                feats['tsdf_feat'], tsdf_feat
            )
        del tsdf_feat
        logits = self.student.decode(feats)
        class_logits = self.student.decode_head.class_logits(logits)
        for name, kd_loss in (
            ('loss_kd_center', self.kd_center),
            ('loss_kd_affinity', self.kd_affinity),
        ):
            if kd_loss is not None:
                kd_losses[name] = kd_loss(class_logits, teacher_logits, *targets)
        losses = self.student.loss_by_feat(feats, logits, batch_inputs, targets)
        return dict(losses, **kd_losses), logits

    @torch.no_grad()
    def _run_teacher(
        self, batch_inputs: dict[str, Tensor], img_feats: ImgFeats
    ) -> tuple[Optional[Tensor], Optional[Tensor]]:
        """Return the teacher's T and logits on the clean TSDF.

        What no loss reads is None.
        """
        teacher = self.loaded_teacher
        if 'tsdf_cad' not in batch_inputs:
            raise InputError(
                'distillation needs the clean TSDF of every frame: set '
                'train_dataloader.dataset.data_prefix.tsdf_cad_path '
                "('{twin}/TSDF')"
            )
        clean = {**batch_inputs, 'tsdf': batch_inputs['tsdf_cad']}
        if self.kd_center is None and self.kd_affinity is None:
            return teacher.extract_tsdf_feat(clean)['tsdf_feat'], None
        feats = teacher.extract_feat(clean, img_feats)
        tsdf_feat = None if self.kd_surface is None else feats['tsdf_feat']
        logits = teacher.decode(feats)
        return tsdf_feat, teacher.decode_head.class_logits(logits)

    def _apply(
        self, fn: Callable[[Tensor], Tensor], *args: Any, **kwargs: Any
    ) -> 'CleanerDistiller':
        """Carry the teacher along to other devices and dtypes."""
        if self.teacher is not None:
            self.teacher._apply(fn, *args, **kwargs)
        return super()._apply(fn, *args, **kwargs)

    def own_state_dict(self) -> dict[str, Tensor]:
        """Return what the losses train for themselves; often nothing."""
        return {
            f'{name}.{key}': value
            for name, kd_loss in zip(KD_LOSSES, self._kd_losses())
            if kd_loss is not None
            for key, value in kd_loss.state_dict().items()
        }

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self._unshare_backbone()  # what is loaded is for the student alone
        super()._load_from_state_dict(*args, **kwargs)


def _check_sizes(student: ConfigType, teacher: ConfigType) -> None:
    """Refuse two networks of other sizes or classes."""
    ours, theirs = map(FrameSizes.of_network, (student, teacher))
    for name, first, second in ours.differences(theirs):
        raise InputError(
            f'student and teacher should have one {name}, but got {first} and {second}'
        )


def _same_state(first: nn.Module, second: nn.Module) -> bool:
    """Return whether two modules have the same classes and values.

    Of several GPUs the student has SyncBatchNorm, which its teacher, in eval
    mode, would not notice.
    """
    texts = {
        re.sub(r'(Sync)?BatchNorm(\dd)?\(', 'BatchNorm(', str(m))
        for m in (first, second)
    }
    if len(texts) > 1:
        return False
    ours, theirs = first.state_dict(), second.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours
    )
