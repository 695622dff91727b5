import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmdet3d.registry import MODELS
from mmdet3d.utils import OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

# as the finest map of the photo's backbones
_STRIDE = 4


@MODELS.register_module()
class LabelEmbedding(BaseModule):
    """The fused feature of a 2D segmentation, in place of a photo's.

    The labels, one-hot, are averaged over cells of 4 x 4 pixels and embedded
    by a 1x1 convolution, norm and ReLU. As the backbone of an
    :obj:`SSCSegmentor` without ``head_2d``.

    Args:
        channels (int): D of the feature.
        num_labels (int): Labels are 0..num_labels-1.
        init_cfg (dict, optional): Defaults to None.
    """

    def __init__(
        self, channels: int, num_labels: int, init_cfg: OptMultiConfig = None
    ) -> None:
        super().__init__(init_cfg)
        self.num_labels = num_labels
        self.embed = ConvModule(num_labels, channels, 1, norm_cfg=dict(type='BN'))

    def forward(self, seg2d: Tensor) -> Tensor:
        """Embed an image of labels.

        Args:
            seg2d (Tensor): (B, H, W) int64.

        Returns:
            Tensor: (B, D, H / 4, W / 4), not negative.
        """
        weight = next(self.embed.parameters())
        votes = F.one_hot(seg2d, self.num_labels).permute(0, 3, 1, 2)
        return self.embed(F.avg_pool2d(votes.to(weight), _STRIDE))
