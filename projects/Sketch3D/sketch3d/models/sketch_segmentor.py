from collections.abc import Sequence
from typing import Any

import torch
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from cleaners.models.segmentors import SSCSegmentor
from cleaners.models.segmentors.voxel_targets import VoxelTargets, stack_targets
from cleaners.models.shared_settings import hand_over
from cleaners.structures.ssc_data_sample import SampleList
from cleaners.utils.errors import InputError

from .sketch_encoder import SketchEncoder
from .sketch_labels import make_sketch


@MODELS.register_module()
class SketchSegmentor(SSCSegmentor):
    """The network of 3D-Sketch (CVPR 2020).

    An :obj:`SSCSegmentor` whose TSDF branch, a :obj:`SketchEncoder`, gives
    features of the room's sketch. What it adds to the call chains:

    .. code:: text

        loss():         make_sketch() of the labels first
        extract_feat(): tsdf_encoder(tsdf, sketch)  (T, R, P, posterior)
        loss_by_feat(): tsdf_encoder.loss_by_feat()

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z), for ``tsdf_encoder``
            too.
        tsdf_encoder (dict): Of :obj:`SketchEncoder`.
        **kwargs: Of :obj:`SSCSegmentor`.
    """

    tsdf_encoder: SketchEncoder

    def __init__(
        self, grid_size: Sequence[int], tsdf_encoder: ConfigType, **kwargs: Any
    ) -> None:
        shared = dict(grid_size=tuple(grid_size))
        super().__init__(
            grid_size=grid_size,
            tsdf_encoder=hand_over(shared, 'tsdf_encoder', tsdf_encoder),
            **kwargs,
        )

    def extract_tsdf_feat(self, batch_inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Run the ``tsdf_encoder``.

        Args:
            batch_inputs (dict[str, Tensor]): ``tsdf`` is read, and
                ``sketch``, which :meth:`loss` adds.

        Returns:
            dict[str, Tensor]: Of :meth:`SketchEncoder.forward`.
        """
        return self.tsdf_encoder(batch_inputs['tsdf'], batch_inputs.get('sketch'))

    # as in BaseSSCSegmentor
    def loss(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> dict[str, Tensor]:
        """Compute the losses of :obj:`SSCSegmentor` and of the sketches."""
        label = stack_targets(batch_data_samples).label
        sketch = make_sketch(label, self.ignore_index)
        return super().loss(dict(batch_inputs, sketch=sketch), batch_data_samples)

    # sizes that depend on values
    @torch.compiler.disable
    def loss_by_feat(
        self,
        feats: dict[str, Tensor],
        logits: Tensor,
        batch_inputs: dict[str, Tensor],
        targets: VoxelTargets,
    ) -> dict[str, Tensor]:
        """Compute the losses from features and logits.

        Args:
            feats, logits, targets: As :meth:`SSCSegmentor.loss_by_feat`.
            batch_inputs (dict[str, Tensor]): ``mapping2d`` and ``sketch`` are
                read.

        Returns:
            dict[str, Tensor]: Of :meth:`SSCSegmentor.loss_by_feat` and
            :meth:`SketchEncoder.loss_by_feat`.

        Raises:
            InputError: If there is no ``sketch``.
        """
        if 'sketch' not in batch_inputs:
            raise InputError(
                'a SketchSegmentor makes the sketch that it '
                'learns in its own loss(): train it as the model '
                'itself, not inside of another one'
            )
        losses = super().loss_by_feat(feats, logits, batch_inputs, targets)
        losses.update(
            self.tsdf_encoder.loss_by_feat(
                feats, batch_inputs['sketch'], targets.label_weight
            )
        )
        return losses
