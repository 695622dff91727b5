from collections.abc import Sequence
from typing import Any

from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType
from torch import Tensor

from cleaners.models.segmentors import SSCSegmentor
from cleaners.models.segmentors.ssc_segmentor import ImgFeats
from cleaners.models.shared_settings import hand_over
from cleaners.utils.errors import InputError

from .semantic_stem import SemanticStem


@MODELS.register_module()
class CrossViewSegmentor(SSCSegmentor):
    """The network of CVSformer (ICCV 2023).

    An :obj:`SSCSegmentor` that sees a 2D segmentation in place of a photo.
    Its labels are put into the grid as they are, and the ``backbone``, a
    :obj:`SemanticStem`, sees them there. What changes in the call chains:

    .. code:: text

        extract_feat(): seg2d, one-hot -> voxel_neck -> backbone  (V)
                        tsdf_encoder                              (T)

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z), for
            ``decode_head`` too.
        decode_head (dict): Of :obj:`CrossViewHead`.
        backbone (dict): Of :obj:`SemanticStem`.
        tsdf_encoder (dict): Of :obj:`TSDFStem`.
        **kwargs: Of :obj:`SSCSegmentor`.

    Raises:
        InputError: As :obj:`SSCSegmentor`, or if there is a ``head_2d``.
    """

    backbone: SemanticStem

    def __init__(
        self,
        grid_size: Sequence[int],
        decode_head: ConfigType,
        backbone: ConfigType,
        tsdf_encoder: ConfigType,
        **kwargs: Any,
    ) -> None:
        if not backbone or not tsdf_encoder or kwargs.get('head_2d'):
            raise InputError(
                'a CrossViewSegmentor has a backbone (SemanticStem), a '
                'tsdf_encoder (TSDFStem) and no head_2d'
            )
        shared = dict(grid_size=tuple(grid_size))
        super().__init__(
            grid_size=grid_size,
            decode_head=hand_over(shared, 'decode_head', decode_head),
            backbone=backbone,
            tsdf_encoder=tsdf_encoder,
            **kwargs,
        )

    def extract_img_feat(self, batch_inputs: dict[str, Tensor]) -> Tensor:
        """Give every label of a pixel a channel of its own.

        Returns:
            Tensor: (B, num_labels, H, W), one-hot.

        Raises:
            InputError: If there are no labels.
        """
        return self.backbone.spread_labels(self.take_input(batch_inputs))

    def extract_feat(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], img_feats: ImgFeats = None
    ) -> dict[str, Tensor]:
        """Compute the features that the head and the distiller read.

        Args:
            batch_inputs (dict[str, Tensor]): ``seg2d`` and ``mapping2d``
                (B, H, W), ``tsdf`` (B, 1, X, Y, Z).
            img_feats (Tensor, optional): Of :meth:`extract_img_feat`, where
                they are known already. Defaults to None.

        Returns:
            dict[str, Tensor]: ``feat_2d`` (B, num_labels, H, W), one-hot;
            ``voxel_feat`` V and ``tsdf_feat`` T, both (B, F, X, Y, Z).
        """
        feats = super().extract_feat(batch_inputs, img_feats)
        feats['voxel_feat'] = self.backbone(feats['voxel_feat'])
        return feats
