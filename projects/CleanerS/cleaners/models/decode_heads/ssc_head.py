from collections.abc import Sequence
from typing import Optional

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from ...structures import EMPTY_CLASS, VoxelData
from ...structures.scene_probability import scene_probability
from ...utils.precision import full_precision
from ..layers import ALL_FLIPS, AS_IT_IS, DDREncoderDecoder, GridSymmetry, draw_symmetry
from ..losses.row_loss import build_row_loss
from ..losses.smooth_cross_entropy_loss import SmoothCrossEntropyLoss
from ..shared_settings import hand_over


@MODELS.register_module()
class SSCHead(BaseModule):
    """3D-SSCNet: class logits of every voxel (METHOD section 2.4).

    In training the fused volume is flipped at random along the sideways and
    the depth axis, once a batch, and the logits are flipped back, so that
    nobody outside sees the flip.

    With ``loss_void`` there is one logit more, which is positive where a
    voxel belongs to no object: in visible free space, out of the view, out of
    the room. There the paper's loss says nothing and a prediction is a solid
    block; a scene that is drawn needs to know. The class logits, and every
    score of the paper's protocol, are read without it.

    Args:
        channels (int): D of the input.
        num_classes (int): With the empty class.
        ignore_index (int): Label that does not count in the loss. Defaults
            to 255.
        dropout (float): Channel dropout before the classifier. Defaults to
            0.1.
        flip_prob (float): Probability of each flip in training. Defaults to
            0.5.
        flip_test (bool): Whether eval mode averages the logits over all four
            combinations of the two flips. Defaults to False.
        norm_cfg (dict): Norm after each convolution.
        with_cp (bool): Whether to trade time for memory by activation
            checkpointing. Defaults to False.
        loss_ssc (dict): Loss on the voxels that count; also mmseg's and mmdet's,
            see :func:`build_row_loss`.
        loss_iou (dict, optional): Further loss on the voxels that count,
            called as mmseg's, such as ``mmseg.LovaszLoss``. Defaults to None.
        loss_void (dict, optional): Loss of the void logit, on all voxels.
            Defaults to None: there is no such logit, as in the paper.
        void_thr (float): Probability from which on a voxel is void in a
            scene, in 0..1. Defaults to 0.5.
        keep_confidence (bool): Whether a prediction tells how sure the network
            is of each voxel. Defaults to False.
        init_cfg (dict, optional): Defaults to None (torch's own).
    """

    def __init__(
        self,
        channels: int,
        num_classes: int,
        ignore_index: int = 255,
        dropout: float = 0.1,
        flip_prob: float = 0.5,
        flip_test: bool = False,
        norm_cfg: ConfigType = dict(type='BN3d'),
        with_cp: bool = False,
        loss_ssc: ConfigType = dict(type='SmoothCrossEntropyLoss'),
        loss_iou: OptConfigType = None,
        loss_void: OptConfigType = None,
        void_thr: float = 0.5,
        keep_confidence: bool = False,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.ignore_index = ignore_index
        self.flip_prob = flip_prob
        self.flip_test = flip_test
        self.body = self._make_body(channels, norm_cfg, with_cp)
        self.dropout = nn.Dropout3d(dropout)
        self.classifier = nn.Conv3d(channels, num_classes, 1)
        self.loss_ssc = build_row_loss(loss_ssc, 'loss_ssc', ignore_index)
        self.loss_iou = MODELS.build(loss_iou) if loss_iou else None
        self.void_thr = void_thr
        self.keep_confidence = keep_confidence
        self.loss_void: Optional[nn.Module] = None
        self.void_classifier: Optional[nn.Conv3d] = None
        if loss_void is not None:
            shared = dict(ignore_index=ignore_index)
            self.loss_void = MODELS.build(hand_over(shared, 'loss_void', loss_void))
            self.void_classifier = nn.Conv3d(channels, 1, 1)

    def _make_body(
        self, channels: int, norm_cfg: ConfigType, with_cp: bool
    ) -> nn.Module:
        """Build what :meth:`forward` runs on its volumes."""
        return DDREncoderDecoder(channels, norm_cfg=norm_cfg, with_cp=with_cp)

    def decode(self, volumes: list[Tensor]) -> Tensor:
        """Complete the scene from what the branches of a network found.

        Args:
            volumes (list[Tensor]): V and T, or one of them. They are the
                largest tensors there are, and are **taken out**, so that
                their memory is free as soon as they are added.

        Returns:
            Tensor: As :meth:`forward`.
        """
        fused = volumes.pop()
        if volumes:
            fused = volumes.pop() + fused
        return self(fused)

    def forward(self, *volumes: Tensor) -> Tensor:
        """Complete the scene.

        Args:
            *volumes (Tensor): What the body takes: V + T, (B, D, X, Y, Z).

        Returns:
            Tensor: Logits Y, (B, num_classes, X, Y, Z); with a void logit
            num_classes + 1, that one last.
        """
        views = [self._complete(volumes, view) for view in self._choose_views()]
        return views[0] if len(views) == 1 else torch.stack(views).mean(0)

    def _complete(self, volumes: Sequence[Tensor], view: GridSymmetry) -> Tensor:
        """Return the logits, computed on another view of the volumes."""
        seen = self.body(*[view.apply(volume) for volume in volumes])
        return view.undo(self._classify(seen))

    def _classify(self, volume: Tensor) -> Tensor:
        """Drop channels of (B, D, X, Y, Z) and classify every voxel."""
        layers = [self.classifier]
        if self.void_classifier is not None:
            layers.append(self.void_classifier)
        if not self.training or self.dropout.p == 0:
            return _join([layer(volume) for layer in layers])
        # a channel is dropped as a whole, so its weights are scaled instead
        # of its voxels, and no second volume is kept for the backward pass
        scale = self.dropout(volume.new_ones(volume.shape[:2] + (1, 1, 1)))
        weight = _join([layer.weight for layer in layers], 0)
        weight = weight.flatten(1) * scale.flatten(1)[:, None]
        biases = [layer.bias for layer in layers if layer.bias is not None]
        bias = _join(biases, 0)
        rows = volume.permute(0, 2, 3, 4, 1)
        logits = torch.baddbmm(bias, rows.flatten(1, 3), weight.transpose(1, 2))
        return logits.view(*rows.shape[:4], -1).permute(0, 4, 1, 2, 3)

    # branches on random numbers
    @torch.compiler.disable
    def _choose_views(self) -> Sequence[GridSymmetry]:
        """Return the view of each pass over the volumes.

        In training one pass, drawn from torch's generator.
        """
        if not self.training:
            return ALL_FLIPS if self.flip_test else [AS_IT_IS]
        return [draw_symmetry(self.flip_prob)]

    def loss_by_feat(
        self, logits: Tensor, label: Tensor, label_weight: Tensor
    ) -> dict[str, Tensor]:
        """Compute L3D on the voxels that count, and the void loss on all.

        Args:
            logits (Tensor): Of :meth:`forward`.
            label (Tensor): (B, X, Y, Z) int64.
            label_weight (Tensor): (B, X, Y, Z) bool.

        Returns:
            dict[str, Tensor]: ``loss_ssc`` and, where they are configured,
            ``loss_iou`` and ``loss_void``, weighted. Where ``loss_ssc`` is a
            mean over unlabelled voxels, too, also ``ssc_labelled``, that
            without them: for the log, it adds nothing to the loss.
        """
        rows = self.class_logits(logits).permute(0, 2, 3, 4, 1)[label_weight]
        targets = label[label_weight]
        losses = dict(loss_ssc=self.loss_ssc(rows, targets))
        labelled = self._ssc_over_labelled(losses['loss_ssc'], targets)
        if labelled is not None:
            losses['ssc_labelled'] = labelled
        if self.loss_iou is not None:
            losses['loss_iou'] = self._iou_loss(self.loss_iou, rows, targets)
        if self.loss_void is not None:
            losses['loss_void'] = self.loss_void(logits[:, -1], label, label_weight)
        return losses

    def _iou_loss(self, loss: nn.Module, rows: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss on rows (N, num_classes), of which some may not count."""
        # of one voxel or none mmseg's Lovasz loss is an error or NaN
        if int((targets != self.ignore_index).sum()) < 2:
            return rows.sum() * 0
        # as an image of one column
        return loss(
            full_precision(rows).T[None, :, :, None],
            targets[None, :, None],
            ignore_index=self.ignore_index,
        )

    def _ssc_over_labelled(self, loss: Tensor, targets: Tensor) -> Optional[Tensor]:
        if not isinstance(self.loss_ssc, SmoothCrossEntropyLoss):
            return None
        return self.loss_ssc.over_labelled(loss, targets)

    def class_logits(self, logits: Tensor) -> Tensor:
        """Return those of the classes, (B, num_classes, X, Y, Z)."""
        return logits[:, : self.classifier.out_channels]

    def void_probability(self, logits: Tensor) -> Optional[Tensor]:
        """Return that of being void, (B, X, Y, Z); None without its logit."""
        if self.void_classifier is None:
            return None
        return full_precision(logits[:, -1]).sigmoid()

    def predict_by_feat(self, logits: Tensor) -> list[VoxelData]:
        """Label the voxels of each frame.

        Args:
            logits (Tensor): Of :meth:`forward`.

        Returns:
            list[VoxelData]: ``label`` (X, Y, Z) uint8, the likeliest class;
            with a void logit also ``scene`` (X, Y, Z) uint8, the same but
            empty where it is void; with ``keep_confidence`` also
            ``confidence`` (X, Y, Z) float32, in 0..1, of what the scene says.
        """
        frames = []
        for known in self.predict_with_logits(logits):
            frame = VoxelData(label=known.label)
            if 'scene' in known:
                frame.scene = known.scene
            if self.keep_confidence:
                frame.confidence = scene_probability(known).confidence
            frames.append(frame)
        return frames

    def predict_with_logits(self, logits: Tensor) -> list[VoxelData]:
        """Label the voxels of each frame, and keep why.

        Args:
            logits (Tensor): Of :meth:`forward`.

        Returns:
            list[VoxelData]: ``label`` and ``scene`` of :meth:`predict_by_feat`,
            ``logits`` (num_classes, X, Y, Z) of the classes, and ``void``
            (X, Y, Z), the probability of it, with a void logit.
        """
        class_logits = self.class_logits(logits)
        labels = class_logits.argmax(1).to(torch.uint8)
        frames = [
            VoxelData(label=label, logits=full_precision(scores))
            for label, scores in zip(labels, class_logits)
        ]
        void = self.void_probability(logits)
        if void is not None:
            scenes = labels.masked_fill(void >= self.void_thr, EMPTY_CLASS)
            for frame, scene, probability in zip(frames, scenes, void):
                frame.scene, frame.void = scene, probability
        return frames


def _join(tensors: list[Tensor], dim: int = 1) -> Tensor:
    # a single one is not copied
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, dim)
