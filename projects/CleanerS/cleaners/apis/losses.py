from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import torch
from mmengine.config import Config
from torch import Tensor

from ..models.distillers import CleanerDistiller
from ..models.network_trainer import NetworkTrainer
from ..models.segmentors import SSCSegmentor
from ..structures import SSCDataSample, VoxelData
from ..utils.checkpoint import find_best_checkpoint, load_strictly
from ..utils.errors import InputError
from .frame_inputs import (
    Array,
    label_to_tensor,
    label_weight_to_tensor,
    tsdf_to_tensor,
)
from .inference import build_network, frame_to_batch, read_config

Model = Union[SSCSegmentor, NetworkTrainer]


def init_ssc_distiller(
    config: Union[str, Config],
    checkpoint: Optional[str] = None,
    teacher_ckpt: Optional[str] = None,
    device: Union[str, torch.device] = 'cpu',
) -> CleanerDistiller:
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
        raise InputError(
            'a distillation config should have a '
            f"CleanerDistiller, but got '{cfg.model.type}'"
        )
    if checkpoint is not None:
        load_strictly(model.student, find_best_checkpoint(checkpoint))
    if teacher_ckpt is not None:
        model.teacher_ckpt = teacher_ckpt
    model.load_teacher()
    model.to(device)
    return model.train()


def ssc_losses(
    model: Model, batch: Mapping[str, Union[Array, Sequence]]
) -> dict[str, Tensor]:
    """Compute the losses of one batch, ready for ``backward``.

    The model runs in the mode that it is in: in training mode with dropout,
    drop path and flips.

    Args:
        model (SSCSegmentor | NetworkTrainer): One with supervised losses
            only, or one with a teacher (:func:`init_ssc_distiller`) or other
            losses of its own.
        batch (Mapping): One entry a frame under each key: ``tsdf`` and, of a
            network with a 2D part, ``img`` or ``seg2d`` and ``mapping`` or
            ``mapping2d``, each as in :func:`inference_ssc`; ``label``,
            0..num_classes-1 or ``ignore_index``, and ``label_weight``, bool or
            0 and 1, both shaped as ``tsdf``; for a distiller also ``tsdf_cad``.
            Other keys are not read.

    Returns:
        dict[str, Tensor]: ``loss_ssc``, with a 2D head ``loss_2d`` and, where
        they are configured, ``loss_iou`` and ``loss_void``; of a distiller also
        ``loss_kd_surface``, ``loss_kd_center`` and ``loss_kd_affinity``. The
        training loss is the sum of those named ``loss*``, which are weighted;
        others, such as ``ssc_labelled``, are for the log.

    Raises:
        InputError: If a key is missing, entries differ in number, or an
            input has a wrong type, shape or value.
    """
    inputs, samples = arrays_to_batch(model, batch)
    return model(inputs, samples, mode='loss')


def arrays_to_batch(
    model: Model, batch: Mapping[str, Union[Array, Sequence]]
) -> tuple[dict[str, Tensor], list[SSCDataSample]]:
    """Return inputs and data samples for a model's ``forward``.

    Args:
        model, batch: As :func:`ssc_losses`.
    """
    net = model.segmentor if isinstance(model, NetworkTrainer) else model
    keys = ['tsdf', 'label', 'label_weight']
    if net.backbone is not None:
        keys.append('img' if net.backbone_input == 'imgs' else net.backbone_input)
        keys.append('mapping2d' if 'mapping2d' in batch else 'mapping')
    if any(isinstance(part, CleanerDistiller) for part in model.modules()):
        keys.append('tsdf_cad')
    frames = []
    for number, values in enumerate(zip(*_list_entries(batch, keys))):
        try:
            frames.append(_load_frame(net, dict(zip(keys, values))))
        except InputError as error:
            raise InputError(f'frame {number} of the batch: {error}') from error
    inputs = {
        key: torch.cat([frame[key] for frame, _ in frames]) for key in frames[0][0]
    }
    return inputs, [sample for _, sample in frames]


def _list_entries(
    batch: Mapping[str, Union[Array, Sequence]], keys: list[str]
) -> list[Array]:
    """Return the entries under each key, one a frame.

    Raises:
        InputError: If a key is missing, or there is not one entry a frame.
    """
    for key in keys:
        if key not in batch:
            raise InputError(f'the batch lacks {key!r}')
        if not hasattr(batch[key], '__len__') or isinstance(batch[key], str):
            raise InputError(
                f'{key} of the batch should be a list of one '
                'entry a frame, but got '
                f'{type(batch[key]).__name__}'
            )
    counts = {key: len(batch[key]) for key in keys}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise InputError(
            f'the batch should have one entry a frame under each key, but has {counts}'
        )
    return [batch[key] for key in keys]


def _load_frame(
    net: SSCSegmentor, frame: Mapping[str, Any]
) -> tuple[dict[str, Tensor], SSCDataSample]:
    """Return a frame, its entries by key, as inputs, a batch of one, and sample."""
    mapping = frame.get('mapping2d', frame.get('mapping'))
    inputs = frame_to_batch(
        net, frame.get('img'), frame['tsdf'], mapping, frame.get('seg2d')
    )
    if 'tsdf_cad' in frame:
        clean = tsdf_to_tensor(net, frame['tsdf_cad'], 'tsdf_cad')
        inputs['tsdf_cad'] = clean[None, None].to(inputs['tsdf'])
    device = inputs['tsdf'].device
    truth = VoxelData(
        label=label_to_tensor(net, frame['label']).to(device),
        label_weight=label_weight_to_tensor(net, frame['label_weight']).to(device),
    )
    return inputs, SSCDataSample(gt_voxel_seg=truth)
