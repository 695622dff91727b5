from collections.abc import Sequence

import torch
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptConfigType, OptMultiConfig
from mmseg.models import BaseSegmentor
from mmseg.utils import OptSampleList, SampleList
from torch import Tensor

from ...structures import EMPTY_CLASS

# below any logit, and finite, so that it can be interpolated
_NEVER = -1e4


@MODELS.register_module()
class Segmentor2D(BaseSegmentor):
    """The 2DNet alone, trained on labels of every pixel.

    Its weights have the names that they have in :obj:`SSCSegmentor`, which
    starts from them: ``init_cfg`` of backbone and head name the checkpoint.

    Args:
        backbone (dict): 2D encoder, four maps from an image.
        head_2d (dict): Head of the 2DNet, with its sizes and classes.
        data_preprocessor (dict, optional): Of mmseg. Defaults to None.
        init_cfg (dict, optional): Defaults to None.
    """

    sizes = None  # photos of any size, no grid
    align_corners = False  # of what brings logits to the size of the photo

    def __init__(
        self,
        backbone: ConfigType,
        head_2d: ConfigType,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.backbone = MODELS.build(backbone)
        self.head_2d = MODELS.build(head_2d)

    # mmseg declares a bool here, and tuples of lists below
    def extract_feat(self, inputs: Tensor) -> Sequence[Tensor]:  # type: ignore[override]
        """Compute the backbone's maps of (B, 3, H, W)."""
        return self.backbone(inputs)

    def encode_decode(
        self, inputs: Tensor, data_samples: OptSampleList = None
    ) -> Tensor:
        """Compute the logits (B, num_classes, h, w) of the head's size."""
        return self.head_2d(self.extract_feat(inputs))[1]

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """Compute ``loss_2d`` on the pixels with a label."""
        logits = self.encode_decode(inputs).permute(0, 2, 3, 1)
        labels = torch.cat([s.gt_sem_seg.get('data') for s in data_samples]).long()
        return dict(
            loss_2d=self.head_2d.loss_2d(logits.flatten(0, 2), labels.flatten())
        )

    def predict(self, inputs: Tensor, data_samples: OptSampleList = None) -> SampleList:
        """Fill ``pred_sem_seg`` of every sample; no pixel is empty."""
        logits = self.encode_decode(inputs)
        logits[:, EMPTY_CLASS] = _NEVER
        return self.postprocess_result(logits, data_samples)

    def _forward(  # type: ignore[override]
        self, inputs: Tensor, data_samples: OptSampleList = None
    ) -> Tensor:
        """Compute the logits."""
        return self.encode_decode(inputs)
