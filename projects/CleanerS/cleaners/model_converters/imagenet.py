"""Backbones of other releases, pretrained on ImageNet, in mmseg's naming."""

import re
from typing import Any, Callable, NamedTuple

from torch import Tensor

from ..apis.inference import build_network
from ..models.official_weights import (
    ENCODER,
    backbone_from_segformer,
    check_names_and_shapes,
    encoder_sizes,
)
from ..utils.checkpoint import naming_checkpoint, read_checkpoint, state_dict_of
from ..utils.checkpoint_writing import save_checkpoint
from ..utils.errors import InputError

_MIT_HEADS = (1, 2, 5, 8)  # of every size in the SegFormer release
# depth of a ResNet by the blocks of its four stages
_RESNET_DEPTHS = {(3, 4, 6, 3): 50, (3, 4, 23, 3): 101, (3, 8, 36, 3): 152}
_RESNET_CLASSIFIER = 'fc.'
_COUNTER = 'num_batches_tracked'
# a stem of three convolutions: theirs one by one, mmseg's in a row with ReLUs
_STEM_LAYER = re.compile(r'(conv|bn)([123])\.')
_LAST_STEM_CONV = 'conv3.weight'


class Backbone(NamedTuple):
    """What is taken of a release.

    Attributes:
        name (str): Of the network.
        weights (dict[str, Tensor]): State_dict of our backbone.
        dropped (list[str]): Tensors of the ImageNet classifier.
    """

    name: str
    weights: dict[str, Tensor]
    dropped: list[str]


def convert_backbone(
    source: str, target: str, take_backbone: Callable[[dict[str, Tensor]], Backbone]
) -> None:
    """Turn a released file into a pretrained backbone.

    Args:
        source (str): The release.
        target (str): A state_dict that ``init_cfg`` of type 'Pretrained'
            loads.
        take_backbone (Callable): :func:`from_segformer` or
            :func:`from_torchvision`.

    Raises:
        InputError: If the file is missing, damaged, or of another network.
    """
    with naming_checkpoint(source):
        backbone = take_backbone(state_dict_of(read_checkpoint(source)))
    save_checkpoint(backbone.weights, target)
    print(
        f'{target}: {len(backbone.weights)} tensors of {backbone.name}; '
        'dropped the ImageNet classifier '
        f'({", ".join(backbone.dropped) or "not in it"})'
    )


def from_segformer(released: dict[str, Tensor]) -> Backbone:
    """Take the encoder of the SegFormer release, of any size.

    Args:
        released (dict[str, Tensor]): ``mit_b*.pth``.

    Raises:
        InputError: If it is no such encoder.
    """
    sizes = encoder_sizes({ENCODER + k: v for k, v in released.items()})
    network = build_network(dict(type='SegFormerMiT', num_heads=_MIT_HEADS, **sizes))
    return Backbone(
        'the encoder', *backbone_from_segformer(released, network.state_dict())
    )


def from_torchvision(released: dict[str, Tensor]) -> Backbone:
    """Take a ResNet of torchvision, or one like it with a deep stem.

    Counters that files of old torch versions lack are added. A deep stem has
    three 3x3 convolutions, ``conv1`` to ``conv3``, in place of the 7x7 one.

    Args:
        released (dict[str, Tensor]): ``resnet50-*.pth``, 101 or 152.

    Raises:
        InputError: If a tensor is missing, left over or of another shape.
    """
    cfg: dict[str, Any] = dict(type='DilatedResNet', out_indices=(3,))
    if _LAST_STEM_CONV in released:
        cfg.update(deep_stem=True, stem_channels=len(released[_LAST_STEM_CONV]))
        released = {_name_deep_stem(name): value for name, value in released.items()}
    depth = cfg['depth'] = _resnet_depth(released)
    like = build_network(cfg)
    shapes = {name: tuple(value.shape) for name, value in like.state_dict().items()}
    dropped = [name for name in released if name.startswith(_RESNET_CLASSIFIER)]
    counters = {
        name: value
        for name, value in like.state_dict().items()
        if name.endswith(_COUNTER)
    }
    weights = {**counters, **released}
    for name in dropped:
        del weights[name]
    check_names_and_shapes(weights, shapes)
    return Backbone(f'ResNet-{depth}', weights, dropped)


def _name_deep_stem(name: str) -> str:
    """Return mmseg's name of a tensor of a ResNet with a deep stem.

    Files of frameworks that wrap BatchNorm say ``.bn.`` in its names.
    """
    name = name.replace('.bn.', '.')
    match = _STEM_LAYER.match(name)
    if not match:
        return name
    index = 3 * (int(match[2]) - 1) + (match[1] == 'bn')
    return f'stem.{index}.{name[match.end() :]}'


def _resnet_depth(released: dict[str, Tensor]) -> int:
    """Read the depth from the names of the bottlenecks' last convolutions.

    Raises:
        InputError: If it is no ResNet of bottlenecks.
    """
    counts = tuple(
        sum(
            name.startswith(f'layer{stage}.') and name.endswith('.conv3.weight')
            for name in released
        )
        for stage in range(1, 5)
    )
    if counts not in _RESNET_DEPTHS:
        raise InputError(
            'no ResNet-50, 101 or 152 of torchvision in it: '
            f'{counts} bottlenecks in its four stages'
        )
    return _RESNET_DEPTHS[counts]
