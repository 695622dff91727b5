from collections.abc import Sequence
from typing import Optional, Union

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptConfigType, OptMultiConfig
from torch import Tensor

from ...structures import FrameSizes
from ...utils.errors import InputError
from ..decode_heads.base_2d_head import Base2DHead
from .base_ssc_segmentor import BaseSSCSegmentor
from .network_parts import NetworkParts, check_parts
from .voxel_targets import VoxelTargets

# the maps of a backbone, or the one feature; None without a backbone
ImgFeats = Union[None, Tensor, Sequence[Tensor]]


@MODELS.register_module()
class SSCSegmentor(BaseSSCSegmentor):
    """The network of METHOD section 2, teacher and student alike.

    The ends of the call chains of :obj:`BaseSSCSegmentor`:

    .. code:: text

        extract_feat():  backbone -> head_2d -> voxel_neck     (V, 2D logits)
                         tsdf_encoder                          (T)
        decode():        decode_head.decode([V, T])            (Y)
        loss_by_feat():  decode_head.loss_by_feat()
                         head_2d.loss_by_feat()

    Parts may be missing: ``backbone`` and ``voxel_neck`` (a network that sees
    the TSDF alone), ``tsdf_encoder`` (one that does not), ``head_2d`` (the
    backbone gives the fused feature itself, and there is no L2D). What is
    missing leaves no entry in features and losses, and so does a ``head_2d``
    without ``loss_2d`` for its logits.

    Sizes, classes and width are given here and handed to the parts, whose
    configs need not name them, and may not say otherwise. All but the width
    are those of the data set, which :obj:`SizeCheckHook` checks, and are
    attributes: ``grid_size``, ``img_size``, ``num_classes`` and
    ``ignore_index``, together ``sizes``.

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z), for ``voxel_neck``.
        img_size (Sequence[int]): (H, W) of the photo, for ``head_2d`` and
            ``data_preprocessor``.
        num_classes (int): With the empty class, for both heads.
        channels (int): D, for both heads and ``tsdf_encoder``.
        decode_head (dict): Logits of every voxel.
        backbone (dict, optional): 2D encoder, four maps from an image; the
            fused feature where there is no ``head_2d``. Defaults to None.
        head_2d (dict, optional): Head of the 2DNet; fused feature and 2D
            logits. Defaults to None.
        voxel_neck (dict, optional): Puts the fused feature into the grid.
            Defaults to None.
        tsdf_encoder (dict, optional): Features of the TSDF. Defaults to
            None.
        backbone_input (str): Which of the inputs the backbone sees, 'imgs'
            or 'seg2d'. Defaults to 'imgs'.
        pretrained_2d (str, optional): Checkpoint, or work_dir, of a
            :obj:`Segmentor2D` whose weights backbone and ``head_2d`` start
            from. Defaults to None: from what their own ``init_cfg`` say.
        ignore_index (int): Label that does not count, for both heads.
            Defaults to 255.
        freeze_backbone (bool): Whether the backbone is not trained. Defaults
            to True.
        backbone_eval (bool): Whether a frozen backbone runs in eval mode
            while the rest trains, that is without drop path. Defaults to
            False, as the published models were trained.
        data_preprocessor (dict, optional): See :obj:`SSCDataPreprocessor`.
        init_cfg (dict, optional): Defaults to None.

    Raises:
        InputError: If a size is none, a part says otherwise, or parts do not
            make a network.
    """

    backbone: Optional[nn.Module]
    head_2d: Optional[Base2DHead]
    voxel_neck: Optional[nn.Module]
    tsdf_encoder: Optional[nn.Module]
    # of ``sizes``
    grid_size: tuple[int, ...]
    img_size: tuple[int, ...]
    num_classes: int
    ignore_index: int
    # of the data that the weights were trained on, from init_ssc_model
    dataset_meta: dict

    def __init__(
        self,
        grid_size: Sequence[int],
        img_size: Sequence[int],
        num_classes: int,
        channels: int,
        decode_head: ConfigType,
        backbone: OptConfigType = None,
        head_2d: OptConfigType = None,
        voxel_neck: OptConfigType = None,
        tsdf_encoder: OptConfigType = None,
        backbone_input: str = 'imgs',
        pretrained_2d: Optional[str] = None,
        ignore_index: int = 255,
        freeze_backbone: bool = True,
        backbone_eval: bool = False,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        sizes = FrameSizes(tuple(grid_size), tuple(img_size), num_classes, ignore_index)
        parts = NetworkParts(dict(vars(sizes), channels=channels), pretrained_2d)
        super().__init__(parts.config('data_preprocessor', data_preprocessor), init_cfg)
        if backbone_eval and not freeze_backbone:
            raise InputError(
                'backbone_eval=True needs freeze_backbone=True: a backbone '
                'that is trained runs in training mode'
            )
        check_parts(backbone, head_2d, voxel_neck, tsdf_encoder)
        self.backbone = parts.build_backbone(backbone, head_2d is not None)
        self.head_2d = parts.build('head_2d', head_2d)
        self.voxel_neck = parts.build('voxel_neck', voxel_neck)
        self.tsdf_encoder = parts.build('tsdf_encoder', tsdf_encoder)
        self.decode_head = parts.build('decode_head', decode_head)
        self.backbone_input = backbone_input
        self.sizes = sizes
        vars(self).update(vars(sizes))  # the four, one by one
        self.backbone_eval = backbone_eval
        if freeze_backbone and self.backbone is not None:
            self.backbone.requires_grad_(False)

    def train(self, mode: bool = True) -> 'SSCSegmentor':
        """Switch the mode; a frozen backbone may stay in eval mode."""
        super().train(mode)
        if self.backbone_eval and self.backbone is not None:
            self.backbone.eval()
        return self

    def extract_img_feat(self, batch_inputs: dict[str, Tensor]) -> ImgFeats:
        """Run the backbone; None where there is none.

        Raises:
            InputError: If its input is missing.
        """
        if self.backbone is None:
            return None
        return self.backbone(self.take_input(batch_inputs))

    def take_input(self, batch_inputs: dict[str, Tensor]) -> Tensor:
        """Take what the backbone sees.

        Raises:
            InputError: If it is missing.
        """
        if self.backbone_input not in batch_inputs:
            raise InputError(
                f'this network sees {self.backbone_input!r}, but '
                f'was given {sorted(batch_inputs)}'
            )
        return batch_inputs[self.backbone_input]

    def extract_feat(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], img_feats: ImgFeats = None
    ) -> dict[str, Tensor]:
        """Compute the features that the head and the distiller read.

        Args:
            batch_inputs (dict[str, Tensor]): ``imgs`` (B, 3, H, W)
                normalised, ``tsdf`` (B, 1, X, Y, Z), ``mapping2d`` (B, H, W),
                ``seg2d`` (B, H, W); as far as a part sees them.
            img_feats (Sequence[Tensor] | Tensor, optional): Of
                :meth:`extract_img_feat`, where they are known already.
                Defaults to None.

        Returns:
            dict[str, Tensor]: ``feat_2d`` (B, D, h, w), ``logits_2d``
            (B, num_classes, H, W), ``voxel_feat`` V and ``tsdf_feat`` T, both
            (B, D, X, Y, Z); as far as there are parts for them.
        """
        feats = {}
        if img_feats is None:
            img_feats = self.extract_img_feat(batch_inputs)
        if self.head_2d is not None:
            feats['feat_2d'], logits_2d = self.head_2d(img_feats)
            if logits_2d is not None:
                feats['logits_2d'] = logits_2d
        elif self.backbone is not None:
            feats['feat_2d'] = img_feats
        if self.voxel_neck is not None:
            feats['voxel_feat'] = self.voxel_neck(
                feats['feat_2d'], batch_inputs['mapping2d']
            )
        feats.update(self.extract_tsdf_feat(batch_inputs))
        return feats

    def extract_tsdf_feat(self, batch_inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Run the ``tsdf_encoder``.

        Args:
            batch_inputs (dict[str, Tensor]): ``tsdf`` is read.

        Returns:
            dict[str, Tensor]: ``tsdf_feat`` T, (B, D, X, Y, Z); nothing where
            there is no ``tsdf_encoder``.
        """
        if self.tsdf_encoder is None:
            return {}
        return dict(tsdf_feat=self.tsdf_encoder(batch_inputs['tsdf']))

    def decode(self, feats: dict[str, Tensor]) -> Tensor:
        """Turn features into voxel logits.

        Args:
            feats (dict[str, Tensor]): Of :meth:`extract_feat`. V and T, the
                largest tensors there are, are **taken out**, so that the
                head can free their memory.

        Returns:
            Tensor: (B, num_classes, X, Y, Z); with a void logit
            num_classes + 1, that one last.
        """
        return self.decode_head.decode(
            [feats.pop(name) for name in ('voxel_feat', 'tsdf_feat') if name in feats]
        )

    # sizes that depend on values
    @torch.compiler.disable
    def loss_by_feat(
        self,
        feats: dict[str, Tensor],
        logits: Tensor,
        batch_inputs: dict[str, Tensor],
        targets: VoxelTargets,
    ) -> dict[str, Tensor]:
        """Compute the supervised losses from features and logits.

        Args:
            feats (dict[str, Tensor]): ``logits_2d`` is read.
            logits (Tensor): Of :meth:`decode`.
            batch_inputs (dict[str, Tensor]): ``mapping2d`` is read.
            targets (VoxelTargets): Ground truth.

        Returns:
            dict[str, Tensor]: Those of :meth:`SSCHead.loss_by_feat` and, with
            2D logits, ``loss_2d``, weighted.
        """
        losses = self.decode_head.loss_by_feat(logits, *targets)
        if self.head_2d is not None and 'logits_2d' in feats:
            losses.update(
                self.head_2d.loss_by_feat(
                    feats['logits_2d'], batch_inputs['mapping2d'], targets.label
                )
            )
        return losses
