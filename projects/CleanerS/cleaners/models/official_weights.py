"""Exchange weights with the authors' code and with the SegFormer release."""

import copy
import re
from collections.abc import Mapping
from typing import Optional

import torch
from torch import Tensor

from ..utils.errors import InputError
from .official_keys import (
    CLEANERS,
    OFFICIAL_NAMES,
    KeyTable,
    Names,
    Shape,
    official_shapes,
    pair_tensors,
    unused_shapes,
)

StateDict = dict[str, Tensor]

# What the authors' loader looks into.
_NESTS = ('model', 'net', 'network')
ENCODER = 'encoder.'
BACKBONE = 'backbone.'


def unwrap_official(checkpoint: Mapping) -> StateDict:
    """Return the bare state_dict of an authors' file.

    Args:
        checkpoint (Mapping): A state_dict, or one under 'model', 'net' or
            'network'. A wrapper's ``module.``, wherever it stands in a key,
            and a leading ``student.`` are taken off.

    Raises:
        InputError: If it holds something else, or one tensor twice.
    """
    if not isinstance(checkpoint, Mapping):
        raise InputError(f'it holds no state_dict, but a {type(checkpoint).__name__}')
    for nest in _NESTS:
        if isinstance(checkpoint.get(nest), Mapping):
            checkpoint = checkpoint[nest]
            break
    state_dict = {}
    for key, value in checkpoint.items():
        parts = [part for part in str(key).split('.') if part != 'module']
        name = '.'.join(parts[parts[:1] == ['student'] :])
        if not isinstance(value, Tensor):
            raise InputError(
                f"'{key}' is no tensor; expected a state_dict, "
                f'or one under {", ".join(_NESTS)}'
            )
        if name in state_dict:
            raise InputError(
                f"two tensors are called '{name}', once the prefixes are off"
            )
        state_dict[name] = value
    return state_dict


def from_official(
    official: Mapping[str, Tensor],
    like: Mapping[str, Tensor],
    table: KeyTable = CLEANERS,
) -> StateDict:
    """Turn the authors' weights into ours; every tensor is used once.

    Args:
        official (Mapping[str, Tensor]): Of :func:`unwrap_official`.
        like (Mapping[str, Tensor]): State_dict of the network of our config;
            names and shapes are read.
        table (KeyTable): The method's. Defaults to :data:`CLEANERS`.

    Returns:
        dict[str, Tensor]: Ours, without what :func:`unused_shapes` lists.

    Raises:
        InputError: If a tensor is missing, left over, or of another shape.
    """
    check_names_and_shapes(official, official_shapes(like, table))
    return {
        pair.ours: _join(
            [official[name] for name in pair.theirs], tuple(like[pair.ours].shape)
        )
        for pair in pair_tensors(like, table)
    }


def _join(tensors: list[Tensor], shape: Shape) -> Tensor:
    # a copy: torch.save would write the whole storage behind a view
    joined = torch.cat(tensors) if len(tensors) > 1 else tensors[0].clone()
    return joined.reshape(shape)


def to_official(
    state_dict: Mapping[str, Tensor],
    original: Optional[Mapping[str, Tensor]] = None,
    table: KeyTable = CLEANERS,
) -> StateDict:
    """Turn our weights into the authors'.

    Args:
        state_dict (Mapping[str, Tensor]): Ours.
        original (Mapping[str, Tensor], optional): The authors' weights from
            which the never-used tensors are taken. Defaults to None: all of
            them 0, but for the running variances, which are 1.
        table (KeyTable): The method's. Defaults to :data:`CLEANERS`.

    Returns:
        dict[str, Tensor]: The authors' state_dict, complete.

    Raises:
        InputError: If ``original`` is of another network.
    """
    official = {}
    pairs = pair_tensors(state_dict, table)
    for pair in pairs:
        parts = [state_dict[pair.ours]]
        if len(pair.theirs) > 1:
            parts = parts[0].split([shape[0] for shape in pair.shapes])
        for name, shape, part in zip(pair.theirs, pair.shapes, parts):
            official[name] = part.reshape(shape).clone()
    unused = unused_shapes(pairs, table)
    if original is not None:
        check_names_and_shapes(original, official_shapes(state_dict, table))
        official.update({name: original[name] for name in unused})
        return official
    like = next(value for value in official.values() if value.ndim)
    official.update(
        {name: _placeholder(name, shape, like.dtype) for name, shape in unused.items()}
    )
    return official


def _placeholder(name: str, shape: Shape, dtype: torch.dtype) -> Tensor:
    if name.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    fill = torch.ones if name.endswith('running_var') else torch.zeros
    return fill(shape, dtype=dtype)


def check_names_and_shapes(
    tensors: Mapping[str, Tensor], shapes: Mapping[str, Shape]
) -> None:
    """Refuse tensors that are not exactly those expected.

    Raises:
        InputError: With how many are missing, left over and of another
            shape, and an example of each.
    """
    missing = [name for name in shapes if name not in tensors]
    left_over = [name for name in tensors if name not in shapes]
    resized = [
        f'{name}: {tuple(tensors[name].shape)} instead of {shape}'
        for name, shape in shapes.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    problems = [
        f'{len(found)} {kind} ({", ".join(found[:3])}'
        f'{", ..." if len(found) > 3 else ""})'
        for kind, found in (
            ('missing', missing),
            ('not used', left_over),
            ('of another shape', resized),
        )
        if found
    ]
    if problems:
        raise InputError(
            f'of {len(shapes)} tensors of the network {"; ".join(problems)}'
        )


def backbone_from_segformer(
    released: Mapping[str, Tensor], like: Mapping[str, Tensor]
) -> tuple[StateDict, list[str]]:
    """Turn the encoder of the SegFormer release (``mit_b*.pth``) into mmseg's.

    Args:
        released (Mapping[str, Tensor]): The authors' encoder without
            ``encoder.``, and the ``head.*`` of the ImageNet classifier.
        like (Mapping[str, Tensor]): State_dict of the backbone.

    Returns:
        tuple[dict[str, Tensor], list[str]]: The backbone's state_dict, and
        the names of the classifier's tensors, which are dropped.

    Raises:
        InputError: As :func:`from_official`.
    """
    dropped = [name for name in released if name.startswith('head.')]
    encoder = {
        ENCODER + name: value for name, value in released.items() if name not in dropped
    }
    ours = from_official(
        encoder, {BACKBONE + name: value for name, value in like.items()}
    )
    return {name[len(BACKBONE) :]: v for name, v in ours.items()}, dropped


def encoder_sizes(
    state_dict: Mapping[str, Tensor], names: Names = OFFICIAL_NAMES
) -> dict:
    """Read ``embed_dims`` and ``num_layers`` of the encoder from weights.

    Raises:
        InputError: If there is no encoder under these names.
    """
    found = (re.match(names.block_norm, name) for name in state_dict)
    stages = [match[1] for match in found if match]
    if names.patch_embed not in state_dict or not stages:
        raise InputError(
            f"no SegFormer encoder in it (there is no '{names.patch_embed}')"
        )
    return dict(
        embed_dims=state_dict[names.patch_embed].shape[0],
        num_layers=[stages.count(stage) for stage in sorted(set(stages))],
    )


def resize_model_cfg(cfg: dict, state_dict: Mapping[str, Tensor], names: Names) -> dict:
    """Give the config of a network the sizes that weights show.

    Args:
        cfg (dict): Of an :obj:`SSCSegmentor` with a SegFormer backbone.
        state_dict (Mapping[str, Tensor]): Weights.
        names (Names): :data:`OFFICIAL_NAMES` or :data:`OUR_NAMES`.

    Returns:
        dict: A copy; encoder width and depth, D and the number of classes
        are those of the weights, the rest is as it was.

    Raises:
        InputError: If the weights lack what shows the sizes.
    """
    cfg = copy.deepcopy(cfg)
    cfg['backbone'].update(encoder_sizes(state_dict, names), init_cfg=None)
    if names.classifier not in state_dict:
        raise InputError(f"no 2D head in it (there is no '{names.classifier}')")
    num_classes, channels = state_dict[names.classifier].shape[:2]
    heads = cfg['backbone']['num_heads']
    cfg['head_2d'].update(
        in_channels=[cfg['backbone']['embed_dims'] * n for n in heads]
    )
    cfg.update(channels=channels, num_classes=num_classes)
    return cfg
