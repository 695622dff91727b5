import json
import os.path as osp
import warnings
from typing import Any, Optional, Union

import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from .. import register_modules  # noqa: F401
from ..engine.student_config import student_cfg
from ..models.segmentors import SSCSegmentor
from ..structures import SSCDataSample
from ..utils.checkpoint import find_best_checkpoint, load_strictly, read_checkpoint
from ..utils.cpu_memory import keep_freed_memory
from ..utils.device import check_device
from ..utils.errors import InputError
from ..utils.package_files import find_config, open_config
from ..utils.precision import exact_convolutions
from ..utils.shipped_weights import NETWORK, shipped_checkpoint, shipped_names
from .frame_inputs import (
    Array,
    Image,
    image_to_tensor,
    mapping_to_tensor,
    seg2d_to_tensor,
    tsdf_to_tensor,
)


def read_config(config: Union[str, Config]) -> Config:
    """Return a config from its file or from itself.

    Raises:
        InputError: If the file, or one that it is based on, is missing.
    """
    if isinstance(config, Config):
        return config
    if not osp.isfile(find_config(config)):
        names = ', '.join(shipped_names()) or 'none yet'
        raise InputError(
            f"config '{config}' not found (networks that come "
            f'with the package: {names})'
        )
    return open_config(config)


def build_network(model_cfg: dict) -> Any:
    """Build a model, whatever its config names, without pretrained weights."""
    init_default_scope('mmdet3d')
    return MODELS.build(model_cfg)


def read_network(config: Union[str, Config]) -> dict:
    """Return the network of a config, or of the package's own weights.

    Args:
        config (str | Config): Config or its file; or the name of a network
            that comes with the package. One for distillation stands for its
            student.

    Raises:
        InputError: If there is no such thing.
    """
    if isinstance(config, str) and not osp.isfile(config):
        checkpoint = shipped_checkpoint(config)
        if checkpoint is not None:
            return json.loads(read_checkpoint(checkpoint)['meta'][NETWORK])
    return student_cfg(read_config(config).model)


def init_ssc_model(
    config: Union[str, Config],
    checkpoint: Optional[str] = None,
    device: Union[str, torch.device] = 'cpu',
    keep_memory: bool = False,
) -> SSCSegmentor:
    """Build a network for inference.

    Args:
        config (str | Config): As in :func:`read_network`.
        checkpoint (str, optional): A checkpoint that fits exactly, the
            work_dir of a run, which stands for its best, or a name. Defaults
            to None: of a named network its own weights, else random ones,
            with a warning.
        device (str | torch.device): Defaults to 'cpu'.
        keep_memory (bool): Whether this process keeps the memory that it
            frees (:func:`keep_freed_memory`): on the CPU a frame takes a
            quarter less time. Defaults to False: a library call leaves the
            process as it is.

    Returns:
        SSCSegmentor: In eval mode; ``dataset_meta`` is what the checkpoint
        says of the data that it was trained on ({} where nothing).

    Raises:
        InputError: If a file is missing or does not fit, or there is no such
            device.
    """
    device = check_device(device)
    model: SSCSegmentor = build_network(read_network(config))
    meta = {}
    if checkpoint is None and isinstance(config, str):
        checkpoint = shipped_checkpoint(config)
    if checkpoint is not None:
        meta = load_strictly(model, find_best_checkpoint(checkpoint))
    else:
        warnings.warn(
            'no checkpoint is given: the weights of the network are random',
            stacklevel=2,
        )
    model.dataset_meta = meta.get('dataset_meta') or {}
    if keep_memory:
        keep_freed_memory()
    model.to(device)
    return model.eval()


@torch.no_grad()
@exact_convolutions()
def inference_ssc(
    model: SSCSegmentor,
    img: Optional[Image],
    tsdf: Array,
    mapping: Optional[Array] = None,
    return_feats: bool = False,
    seg2d: Optional[Array] = None,
) -> SSCDataSample:
    """Complete one frame.

    Args:
        model (SSCSegmentor): Of :func:`init_ssc_model`.
        img (str | Path | np.ndarray | Tensor): A file; or (H, W, 3) uint8,
            **RGB**; or (3, H, W) float, RGB, already normalised. Of the
            model's ``img_size``, for which the mapping is made. None for a
            network that sees none.
        tsdf (np.ndarray | Tensor): Float in [-1, 1], (X, Y, Z) or flat in C
            order; axes of length 1 do not matter.
        mapping (np.ndarray | Tensor, optional): (X*Y*Z,), the pixel of each
            voxel, or (H, W), the voxel of each pixel; see METHOD section 1.
            Integers, whatever the dtype. Not read by a network without 2D
            branch.
        return_feats (bool): Whether the sample holds the features. Defaults
            to False.
        seg2d (np.ndarray | Tensor, optional): (H, W) labels, for a network
            that sees a 2D segmentation. Defaults to None.

    Returns:
        SSCDataSample: ``pred_voxel_seg.label`` (X, Y, Z) uint8 and
        ``logits`` (num_classes, X, Y, Z); where the network tells what is
        void, its probability ``void`` (X, Y, Z) and ``scene``, the labels
        without it; with ``return_feats`` also
        ``feats``, a dict of ``feat_2d`` (D, h, w), ``logits_2d``
        (num_classes, H, W), ``tsdf_feat`` T and ``voxel_feat`` V, both
        (D, X, Y, Z), as far as the network has them.

    Raises:
        InputError: If an input is missing, has a wrong type, shape or value,
            or the photo cannot be read.
    """
    inputs = frame_to_batch(model, img, tsdf, mapping, seg2d)
    feats = model.extract_feat(inputs)
    logits = model.decode(dict(feats))
    sample = SSCDataSample()
    (sample.pred_voxel_seg,) = model.decode_head.predict_with_logits(logits)
    if return_feats:
        sample.feats = {name: value[0] for name, value in feats.items()}
    return sample


def frame_to_batch(
    model: SSCSegmentor,
    img: Optional[Image],
    tsdf: Array,
    mapping: Optional[Array] = None,
    seg2d: Optional[Array] = None,
) -> dict[str, Tensor]:
    """Make a batch of one, on the model's device and in its dtype.

    Args:
        model, img, tsdf, mapping, seg2d: As :func:`inference_ssc`.

    Returns:
        dict[str, Tensor]: What the network reads of ``imgs`` (1, 3, H, W),
        ``tsdf`` (1, 1, X, Y, Z), ``mapping2d`` and ``seg2d`` (1, H, W).

    Raises:
        InputError: If one of them is missing or wrong.
    """
    like = next(model.parameters())
    batch = dict(tsdf=tsdf_to_tensor(model, tsdf)[None, None].to(like))
    if model.backbone is None:
        return batch
    if model.backbone_input == 'imgs':
        if img is None:
            raise _lack_of('a photo')
        batch['imgs'] = image_to_tensor(model, img)[None].to(like)
    else:
        if seg2d is None:
            raise _lack_of('a 2D segmentation')
        batch['seg2d'] = seg2d_to_tensor(model, seg2d)[None].to(like.device)
    if mapping is None:
        raise _lack_of('a mapping')
    batch['mapping2d'] = mapping_to_tensor(model, mapping)[None].to(like.device)
    return batch


def _lack_of(what: str) -> InputError:
    return InputError(f'this network needs {what} of the frame')
