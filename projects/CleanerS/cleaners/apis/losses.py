from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Union

import torch
from mmengine.config import Config
from torch import Tensor

from ..models.distillers import CleanerDistiller
from ..models.segmentors import SSCSegmentor
from ..structures import SSCDataSample, VoxelData
from ..utils.checkpoint import find_best_checkpoint, load_strictly
from ..utils.errors import InputError
from .frame_inputs import Array, volume_to_tensor
from .inference import build_network, frame_to_batch, read_config

Model = Union[SSCSegmentor, CleanerDistiller]


def init_ssc_distiller(
        config: Union[str, Config],
        checkpoint: Optional[str] = None,
        teacher_ckpt: Optional[str] = None,
        device: Union[str, torch.device] = 'cpu') -> CleanerDistiller:
    """Build a student with its frozen teacher, for :func:`ssc_losses`.

    Args:
        config (str | Config): A distillation config or its file.
        checkpoint (str, optional): The student's. Defaults to None: random
            weights.
        teacher_ckpt (str, optional): The teacher's. Defaults to None: what
            the config names.
        device (str | torch.device): Defaults to 'cpu'.

    Returns:
        CleanerDistiller: In training mode (the teacher in eval mode).

    Raises:
        InputError: If a file is missing or does not fit, or the config is
            not for distillation.
    """
    cfg = read_config(config)
    model = build_network(cfg.model)
    if not isinstance(model, CleanerDistiller):
        raise InputError('a distillation config should have a '
                         f"CleanerDistiller, but got '{cfg.model.type}'")
    if checkpoint is not None:
        load_strictly(model.student, find_best_checkpoint(checkpoint))
    if teacher_ckpt is not None:
        model.teacher_ckpt = teacher_ckpt
    model.load_teacher()
    return model.to(device).train()


def ssc_losses(
        model: Model,
        batch: Mapping[str, Union[Array, Sequence]]) -> Dict[str, Tensor]:
    """Compute the losses of one batch, ready for ``backward``.

    The model runs in the mode that it is in: in training mode with dropout,
    drop path and flips.

    Args:
        model (SSCSegmentor | CleanerDistiller): One with supervised losses
            only, or one with a teacher (:func:`init_ssc_distiller`).
        batch (Mapping): One entry a frame under each key: ``img``, ``tsdf``
            and ``mapping`` or ``mapping2d``, each as in
            :func:`inference_ssc`; ``label`` and ``label_weight``, X*Y*Z
            values; for a distiller also ``tsdf_cad``. Other keys are not
            read.

    Returns:
        dict[str, Tensor]: ``loss_ssc`` and ``loss_2d``; of a distiller also
        ``loss_kd_surface``, ``loss_kd_center`` and ``loss_kd_affinity``. All
        are weighted: the training loss is their sum.

    Raises:
        InputError: If a key is missing, or an input has a wrong shape.
    """
    inputs, samples = arrays_to_batch(model, batch)
    return model(inputs, samples, mode='loss')


def arrays_to_batch(
    model: Model, batch: Mapping[str, Union[Array, Sequence]]
) -> Tuple[Dict[str, Tensor], List[SSCDataSample]]:
    """Return inputs and data samples for a model's ``forward``.

    Args:
        model, batch: As :func:`ssc_losses`.
    """
    net = model.student if isinstance(model, CleanerDistiller) else model
    mapping = 'mapping2d' if 'mapping2d' in batch else 'mapping'
    for key in ('img', 'tsdf', mapping, 'label', 'label_weight'):
        if key not in batch:
            raise InputError(f'the batch lacks {key!r}')
    frames = [
        frame_to_batch(net, img, tsdf, table) for img, tsdf, table in zip(
            batch['img'], batch['tsdf'], batch[mapping])
    ]
    inputs = {
        key: torch.cat([frame[key] for frame in frames])
        for key in frames[0]
    }
    if 'tsdf_cad' in batch:
        inputs['tsdf_cad'] = torch.stack([
            volume_to_tensor(net, volume, 'tsdf_cad')[None]
            for volume in batch['tsdf_cad']
        ]).to(inputs['tsdf'])
    samples = [
        _truth(net, label, weight, inputs['tsdf'].device)
        for label, weight in zip(batch['label'], batch['label_weight'])
    ]
    return inputs, samples


def _truth(net: SSCSegmentor, label: Array, weight: Array,
           device: torch.device) -> SSCDataSample:
    label = volume_to_tensor(net, label, 'label').long()
    weight = volume_to_tensor(net, weight, 'label_weight') > 0
    return SSCDataSample(
        gt_voxel_seg=VoxelData(
            label=label.to(device), label_weight=weight.to(device)))
