"""The parts of a network, built with what it says of them all."""

from dataclasses import dataclass
from typing import Any, Optional

import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import OptConfigType

from ...utils.errors import InputError
from ..shared_settings import hand_over

# what each part is given of the settings of the network
_SHARED = dict(
    data_preprocessor=('img_size',),
    head_2d=('channels', 'num_classes', 'img_size', 'ignore_index'),
    voxel_neck=('grid_size',),
    tsdf_encoder=('channels',),
    decode_head=('channels', 'num_classes', 'ignore_index'),
)
# parts that may start from the weights of a Segmentor2D
_PRETRAINED = ('backbone', 'head_2d')


@dataclass(frozen=True)
class NetworkParts:
    """Builds the parts of an :obj:`SSCSegmentor`.

    Args:
        settings (dict): Sizes, classes and width of the network.
        pretrained_2d (str, optional): Checkpoint, or work_dir, that backbone
            and head of the 2DNet start from. Defaults to None.
    """

    settings: dict[str, Any]
    pretrained_2d: Optional[str] = None

    def config(self, part: str, cfg: OptConfigType) -> OptConfigType:
        """Complete the config of a part; None stays None.

        Raises:
            InputError: If it says otherwise than the network, or there is no
                part for ``pretrained_2d``.
        """
        starts = self.pretrained_2d is not None and part in _PRETRAINED
        if cfg is None:
            if starts:
                raise InputError(
                    f'pretrained_2d needs a {part}, but the network has none'
                )
            return None
        if starts:
            init_cfg = dict(
                type='Pretrained', checkpoint=self.pretrained_2d, prefix=part
            )
            cfg = dict(cfg, init_cfg=init_cfg)
        share = {key: self.settings[key] for key in _SHARED.get(part, ())}
        return hand_over(share, part, cfg)

    def build(self, part: str, cfg: OptConfigType) -> Any:
        """Build a part, whatever its config names; None without one."""
        cfg = self.config(part, cfg)
        return MODELS.build(cfg) if cfg else None

    def build_backbone(self, cfg: OptConfigType, has_head: bool) -> Optional[nn.Module]:
        """Build the backbone; without a head its result has the width D."""
        if cfg is not None and not has_head:
            share = dict(channels=self.settings['channels'])
            cfg = hand_over(share, 'backbone', cfg)
        return self.build('backbone', cfg)


def check_parts(
    backbone: OptConfigType,
    head_2d: OptConfigType,
    voxel_neck: OptConfigType,
    tsdf_encoder: OptConfigType,
) -> None:
    """Refuse parts that do not make a network.

    Raises:
        InputError: If one misses another.
    """
    if (backbone is None) != (voxel_neck is None):
        raise InputError(
            'backbone and voxel_neck belong together: give both, or neither'
        )
    if head_2d is not None and backbone is None:
        raise InputError('head_2d needs a backbone')
    if backbone is None and tsdf_encoder is None:
        raise InputError(
            'a network needs a backbone, a tsdf_encoder or both, but has neither'
        )
