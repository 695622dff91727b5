import copy
from typing import Dict, Optional, Sequence, Tuple

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModel
from torch import Tensor

from ...structures.ssc_data_sample import OptSampleList, SampleList
from ...utils.checkpoint import find_best_checkpoint, load_strictly
from ...utils.errors import InputError
from ..segmentors.ssc_segmentor import SSCSegmentor, stack_targets

STUDENT_PREFIX = 'student.'


@MODELS.register_module()
class CleanerDistiller(BaseModel):
    """Train a student on noisy TSDF beside a frozen teacher on TSDF-CAD.

    The wrapper adds only the losses of METHOD section 3; prediction is the
    student's. Its state is the student's state, key for key, so that every
    checkpoint of a distillation run *is* a student checkpoint.

    The teacher lives outside the module tree: it is not in the optimizer, not
    in the state_dict, not in distributed buffers, not initialised, and no
    ``train()`` reaches it. It is bound by :meth:`load_teacher`, which
    :obj:`TeacherHook` calls when training starts; testing needs no teacher.

    Args:
        student (dict): Config of the student, an :obj:`SSCSegmentor`.
        teacher (dict): Config of the teacher, an :obj:`SSCSegmentor`.
        teacher_ckpt (str): The teacher's checkpoint, or the work_dir of its
            training, which stands for the best checkpoint there.
        kd_surface (dict): KD-T. Defaults to weight 0.25.
        kd_center (dict): KD-SC. Defaults to weight 0.25.
        kd_affinity (dict): KD-SA. Defaults to weight 0.25.
        init_cfg (dict, optional): Defaults to None.
    """

    def __init__(
            self,
            student: ConfigType,
            teacher: ConfigType,
            teacher_ckpt: str,
            kd_surface: ConfigType = dict(type='SurfaceKDLoss'),
            kd_center: ConfigType = dict(type='SemanticCenterKDLoss'),
            kd_affinity: ConfigType = dict(type='SemanticAffinityKDLoss'),
            init_cfg: OptMultiConfig = None) -> None:
        super().__init__(init_cfg=init_cfg)
        self.student: SSCSegmentor = MODELS.build(student)
        self.data_preprocessor = self.student.data_preprocessor
        self.teacher_cfg = teacher
        self.teacher_ckpt = teacher_ckpt
        self.kd_surface = MODELS.build(kd_surface)
        self.kd_center = MODELS.build(kd_center)
        self.kd_affinity = MODELS.build(kd_affinity)
        self._set_teacher(None)

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
        load_strictly(teacher, path)
        like = next(self.student.parameters())
        teacher.requires_grad_(False).eval().to(like.device, like.dtype)
        self._share_backbone(teacher)
        self._set_teacher(teacher)
        return path

    def _share_backbone(self, teacher: SSCSegmentor) -> None:
        """Let the teacher use the student's frozen backbone if it is equal.

        In eval mode it is then one module, which runs once for both; with
        drop path (``backbone_eval=False``) only the memory is shared.
        """
        ours, theirs = self.student.backbone, teacher.backbone
        frozen = not any(p.requires_grad for p in ours.parameters())
        if not frozen or not _same_state(ours, theirs):
            return
        if self.student.backbone_eval:
            teacher.backbone = ours
            return
        tensors = ours.state_dict(keep_vars=True)
        for name, tensor in theirs.state_dict(keep_vars=True).items():
            tensor.data = tensors[name].data

    def _unshare_backbone(self) -> None:
        """Give the teacher a backbone of its own."""
        if self.teacher is not None:
            backbone = copy.deepcopy(self.teacher.backbone)
            self.teacher.backbone = backbone.eval()

    def forward(self,
                inputs: Dict[str, Tensor],
                data_samples: OptSampleList = None,
                mode: str = 'tensor'):
        """Train both networks' way or run the student.

        Args:
            inputs (dict[str, Tensor]): As :obj:`SSCSegmentor`; with mode
                'loss' also ``tsdf_cad`` (B, 1, X, Y, Z).
            data_samples (list[:obj:`SSCDataSample`], optional): Samples.
            mode (str): 'loss', 'predict' or 'tensor'.

        Returns:
            dict[str, Tensor] | list[:obj:`SSCDataSample`] | Tensor: As
            :obj:`SSCSegmentor`.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        return self.student(inputs, data_samples, mode)

    def loss(self, batch_inputs: Dict[str, Tensor],
             batch_data_samples: SampleList) -> Dict[str, Tensor]:
        """Compute the supervised and the three distillation losses.

        Returns:
            dict[str, Tensor]: ``loss_ssc``, ``loss_2d``, ``loss_kd_t``,
            ``loss_kd_sc``, ``loss_kd_sa``, all weighted.
        """
        targets = stack_targets(batch_data_samples)
        img_feats = None
        if self.teacher is not None and (self.teacher.backbone
                                         is self.student.backbone):
            img_feats = self.student.backbone(batch_inputs['imgs'])
        # the teacher first, while the student holds no activations
        tsdf_feat, teacher_logits = self._run_teacher(batch_inputs, img_feats)
        feats = self.student.extract_feat(batch_inputs, img_feats)
        loss_kd_t = self.kd_surface(feats['tsdf_feat'], tsdf_feat)
        del tsdf_feat
        logits = self.student.decode(feats)

        losses = self.student.loss_by_feat(feats, logits, batch_inputs,
                                           targets)
        losses['loss_kd_t'] = loss_kd_t
        losses['loss_kd_sc'] = self.kd_center(logits, teacher_logits, *targets)
        losses['loss_kd_sa'] = self.kd_affinity(logits, teacher_logits,
                                                *targets)
        return losses

    @torch.no_grad()
    def _run_teacher(
            self, batch_inputs: Dict[str, Tensor],
            img_feats: Optional[Sequence[Tensor]]) -> Tuple[Tensor, Tensor]:
        """Return the teacher's T and logits on the clean TSDF."""
        if self.teacher is None:
            raise RuntimeError('the teacher is not loaded: call '
                               'load_teacher(), or add TeacherHook to '
                               'custom_hooks')
        if 'tsdf_cad' not in batch_inputs:
            raise InputError(
                'distillation needs the clean TSDF of every frame: set '
                "train_dataloader.dataset.data_prefix.tsdf_cad_path "
                "(for NYU: '../NYUCAD/TSDF')")
        clean = {**batch_inputs, 'tsdf': batch_inputs['tsdf_cad']}
        feats = self.teacher.extract_feat(clean, img_feats)
        tsdf_feat = feats['tsdf_feat']
        return tsdf_feat, self.teacher.decode(feats)

    def _apply(self, fn, *args, **kwargs):
        """Carry the teacher along to other devices and dtypes."""
        if self.teacher is not None:
            self.teacher._apply(fn, *args, **kwargs)
        return super()._apply(fn, *args, **kwargs)

    def state_dict(self, *args, **kwargs):
        """Return the student's state_dict, with bare keys."""
        return self.student.state_dict(*args, **kwargs)

    def _load_from_state_dict(self, state_dict, prefix, *args,
                              **kwargs) -> None:
        """Accept the student's bare keys."""
        self._unshare_backbone()  # what is loaded is for the student alone
        for key in [k for k in state_dict if k.startswith(prefix)]:
            name = prefix + STUDENT_PREFIX + key[len(prefix):]
            state_dict[name] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def _same_state(first: nn.Module, second: nn.Module) -> bool:
    """Return whether two modules have the same classes and values."""
    if str(first) != str(second):
        return False
    ours, theirs = first.state_dict(), second.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours)
