"""Exchange weights with the authors' code and with the SegFormer release.

One table pairs every tensor of our network with the tensors that hold it in
the authors' state_dict; both directions read it.

.. code:: text

    ours                        theirs
    backbone.                   encoder.       (mmseg's names / SegFormer's)
    head_2d.                    head.
    tsdf_encoder.               TSDFNet.
    decode_head.                complete.
"""
import copy
import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

import torch
from torch import Tensor

from ..utils.errors import InputError

Shape = Tuple[int, ...]
StateDict = Dict[str, Tensor]

# Pattern of our key -> the authors' form of that part, first match only.
_PARTS = (
    (r'backbone\.layers\.(\d)\.0\.projection\.',
     lambda m: f'encoder.patch_embed{int(m[1]) + 1}.proj.'),
    (r'backbone\.layers\.(\d)\.0\.norm\.',
     lambda m: f'encoder.patch_embed{int(m[1]) + 1}.norm.'),
    (r'backbone\.layers\.(\d)\.1\.(\d+)\.',
     lambda m: f'encoder.block{int(m[1]) + 1}.{m[2]}.'),
    (r'backbone\.layers\.(\d)\.2\.',
     lambda m: f'encoder.norm{int(m[1]) + 1}.'),
    (r'head_2d\.linears\.(\d)\.',
     lambda m: f'head.linear_c{int(m[1]) + 1}.proj.'),
    (r'head_2d\.fuse\.', lambda m: 'head.linear_fuse.'),
    (r'head_2d\.classifier\.', lambda m: 'head.linear_pred.'),
    # theirs is one flat row: convolution, norm, ReLU, convolution, ...
    (r'tsdf_encoder\.stem\.(\d)\.(\d)\.',
     lambda m: f'TSDFNet.oper1.{3 * int(m[1]) + int(m[2])}.'),
    (r'tsdf_encoder\.body\.stage(\d)\.(\d)\.',
     lambda m: f'TSDFNet.completion_layer{m[1]}.{m[2]}.'),
    (r'tsdf_encoder\.body\.up(\d)\.',
     lambda m: f'TSDFNet.enc_tsdf.{int(m[1]) - 1}.'),
    (r'decode_head\.body\.stage(\d)\.(\d)\.',
     lambda m: f'complete.semantic_layer{m[1]}.{m[2]}.'),
    (r'decode_head\.body\.up(\d)\.',
     lambda m: f'complete.classify_semantic.{int(m[1]) - 1}.'),
    (r'decode_head\.classifier\.',
     lambda m: 'complete.classify_semantic.2.1.'),
)
# The same for what follows, inside a block.
_BLOCK_PARTS = (
    (r'attn\.attn\.out_proj\.', lambda m: 'attn.proj.'),
    (r'ffn\.layers\.0\.', lambda m: 'mlp.fc1.'),
    (r'ffn\.layers\.1\.', lambda m: 'mlp.dwconv.dwconv.'),
    (r'ffn\.layers\.4\.', lambda m: 'mlp.fc2.'),
    (r'reduce\.0\.', lambda m: 'conv1.'),
    (r'reduce\.1\.', lambda m: 'bn1.'),
    (r'axis_convs\.(\d)\.0\.', lambda m: f'conv{int(m[1]) + 2}.'),
    (r'axis_convs\.(\d)\.1\.', lambda m: f'bn{int(m[1]) + 2}.'),
    (r'expand\.0\.', lambda m: 'conv5.'),
    (r'expand\.1\.', lambda m: 'bn5.'),
    (r'shortcut\.', lambda m: 'downsample.'),
    (r'pool_first_y\.', lambda m: 'downsample2.'),
    (r'pool_first_x\.', lambda m: 'downsample3.'),
    (r'pool_second_x\.', lambda m: 'downsample4.'),
)
_IN_PROJ = re.compile(r'attn\.attn\.in_proj_(weight|bias)$')
_LINEAR_AS_CONV = re.compile(r'ffn\.layers\.[04]\.weight$')
_STRIDE_1_CONV = re.compile(
    r'((?:TSDFNet\.completion|complete\.semantic)_layer\d\.[1-9]\.)'
    r'conv2\.weight$')
# What the authors' loader looks into.
_NESTS = ('model', 'net', 'network')
ENCODER = 'encoder.'
BACKBONE = 'backbone.'


class Pair(NamedTuple):
    """One tensor of ours and what holds it in the authors' state_dict.

    Attributes:
        ours (str): Our name.
        theirs (tuple[str, ...]): Their name; two for the attention's input
            projection, which they split into query and key-value.
        shapes (tuple[Shape, ...]): Shape of each of ``theirs``.
    """

    ours: str
    theirs: Tuple[str, ...]
    shapes: Tuple[Shape, ...]


def pair_tensors(state_dict: Mapping[str, Tensor]) -> List[Pair]:
    """Pair every tensor of our network with the authors' names and shapes.

    Args:
        state_dict (Mapping[str, Tensor]): Of an :obj:`SSCSegmentor` with a
            SegFormer backbone, of any size; only names and shapes are read.

    Raises:
        InputError: If a tensor has no counterpart there (another backbone).
    """
    return [
        _pair(name, tuple(value.shape)) for name, value in state_dict.items()
    ]


def _pair(name: str, shape: Shape) -> Pair:
    for pattern, part in _PARTS:
        match = re.match(pattern, name)
        if match:
            break
    else:
        raise InputError(f"the authors' network has nothing like '{name}'; "
                         'only SegFormer networks can be exchanged')
    prefix, rest = part(match), name[match.end():]
    in_proj = _IN_PROJ.match(rest)
    if in_proj:
        width, kind = shape[0] // 3, in_proj[1]
        return Pair(name,
                    (f'{prefix}attn.q.{kind}', f'{prefix}attn.kv.{kind}'),
                    ((width, *shape[1:]), (2 * width, *shape[1:])))
    if _LINEAR_AS_CONV.match(rest):
        shape = shape[:2]
    for pattern, part in _BLOCK_PARTS:
        match = re.match(pattern, rest)
        if match:
            rest = part(match) + rest[match.end():]
            break
    return Pair(name, (prefix + rest, ), (shape, ))


def unused_shapes(pairs: Sequence[Pair]) -> Dict[str, Shape]:
    """List the tensors that the authors' network owns but never uses.

    Each of their bottlenecks has three reduction branches (a 1x1x1
    convolution and its norm), which only those of stride 2 run. Ours has
    none at stride 1.

    Returns:
        dict[str, Shape]: Names and shapes, in their layout.
    """
    shapes = {}
    for pair in pairs:
        match = _STRIDE_1_CONV.match(pair.theirs[0])
        if not match:
            continue
        width = pair.shapes[0][0]
        for branch in range(2, 5):
            prefix = f'{match[1]}downsample{branch}'
            shapes[f'{prefix}.1.weight'] = (width, width, 1, 1, 1)
            for leaf in ('weight', 'bias', 'running_mean', 'running_var'):
                shapes[f'{prefix}.2.{leaf}'] = (width, )
            shapes[f'{prefix}.2.num_batches_tracked'] = ()
    return shapes


def official_shapes(state_dict: Mapping[str, Tensor]) -> Dict[str, Shape]:
    """Return names and shapes of the authors' state_dict for our network.

    Args:
        state_dict (Mapping[str, Tensor]): As :func:`pair_tensors`.
    """
    pairs = pair_tensors(state_dict)
    shapes = {
        name: shape
        for pair in pairs
        for name, shape in zip(pair.theirs, pair.shapes)
    }
    return {**shapes, **unused_shapes(pairs)}


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
        raise InputError('it holds no state_dict, but a '
                         f'{type(checkpoint).__name__}')
    for nest in _NESTS:
        if isinstance(checkpoint.get(nest), Mapping):
            checkpoint = checkpoint[nest]
            break
    state_dict = {}
    for key, value in checkpoint.items():
        parts = [part for part in str(key).split('.') if part != 'module']
        name = '.'.join(parts[parts[:1] == ['student']:])
        if not isinstance(value, Tensor):
            raise InputError(f"'{key}' is no tensor; expected a state_dict, "
                             f'or one under {", ".join(_NESTS)}')
        if name in state_dict:
            raise InputError(f"two tensors are called '{name}', once the "
                             'prefixes are off')
        state_dict[name] = value
    return state_dict


def from_official(official: Mapping[str, Tensor],
                  like: Mapping[str, Tensor]) -> StateDict:
    """Turn the authors' weights into ours; every tensor is used once.

    Args:
        official (Mapping[str, Tensor]): Of :func:`unwrap_official`.
        like (Mapping[str, Tensor]): State_dict of the network of our config;
            names and shapes are read.

    Returns:
        dict[str, Tensor]: Ours, without what :func:`unused_shapes` lists.

    Raises:
        InputError: If a tensor is missing, left over, or of another shape.
    """
    check_names_and_shapes(official, official_shapes(like))
    return {
        pair.ours:
        _join([official[name] for name in pair.theirs],
              tuple(like[pair.ours].shape))
        for pair in pair_tensors(like)
    }


def _join(tensors: List[Tensor], shape: Shape) -> Tensor:
    # a copy: torch.save would write the whole storage behind a view
    joined = torch.cat(tensors) if len(tensors) > 1 else tensors[0].clone()
    return joined.reshape(shape)


def to_official(state_dict: Mapping[str, Tensor],
                original: Mapping[str, Tensor] = None) -> StateDict:
    """Turn our weights into the authors'.

    Args:
        state_dict (Mapping[str, Tensor]): Ours.
        original (Mapping[str, Tensor], optional): The authors' weights from
            which the never-used tensors are taken. Defaults to None: all of
            them 0, but for the running variances, which are 1.

    Returns:
        dict[str, Tensor]: The authors' state_dict, complete.

    Raises:
        InputError: If ``original`` is of another network.
    """
    official = {}
    pairs = pair_tensors(state_dict)
    for pair in pairs:
        parts = [state_dict[pair.ours]]
        if len(pair.theirs) > 1:
            parts = parts[0].split([shape[0] for shape in pair.shapes])
        for name, shape, part in zip(pair.theirs, pair.shapes, parts):
            official[name] = part.reshape(shape).clone()
    unused = unused_shapes(pairs)
    if original is not None:
        check_names_and_shapes(original, official_shapes(state_dict))
        official.update({name: original[name] for name in unused})
        return official
    like = next(value for value in official.values() if value.ndim)
    official.update({
        name: _placeholder(name, shape, like.dtype)
        for name, shape in unused.items()
    })
    return official


def _placeholder(name: str, shape: Shape, dtype: torch.dtype) -> Tensor:
    if name.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    fill = torch.ones if name.endswith('running_var') else torch.zeros
    return fill(shape, dtype=dtype)


def check_names_and_shapes(tensors: Mapping[str, Tensor],
                           shapes: Mapping[str, Shape]) -> None:
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
        for kind, found in (('missing', missing), ('not used', left_over),
                            ('of another shape', resized)) if found
    ]
    if problems:
        raise InputError(f'of {len(shapes)} tensors of the network '
                         f'{"; ".join(problems)}')


def backbone_from_segformer(
        released: Mapping[str, Tensor],
        like: Mapping[str, Tensor]) -> Tuple[StateDict, List[str]]:
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
        ENCODER + name: value
        for name, value in released.items() if name not in dropped
    }
    ours = from_official(encoder, {
        BACKBONE + name: value
        for name, value in like.items()
    })
    return {name[len(BACKBONE):]: v for name, v in ours.items()}, dropped


# ------------------------------------------------- sizes, read from a file
class Names(NamedTuple):
    """Where a naming scheme shows the sizes of the network."""

    patch_embed: str  # (embed_dims, 3, 7, 7)
    block_norm: str  # pattern; stage and block
    classifier: str  # (num_classes, channels, 1, 1)


OFFICIAL_NAMES = Names('encoder.patch_embed1.proj.weight',
                       r'encoder\.block(\d)\.(\d+)\.norm1\.weight$',
                       'head.linear_pred.weight')
OUR_NAMES = Names('backbone.layers.0.0.projection.weight',
                  r'backbone\.layers\.(\d)\.1\.(\d+)\.norm1\.weight$',
                  'head_2d.classifier.weight')


def encoder_sizes(state_dict: Mapping[str, Tensor],
                  names: Names = OFFICIAL_NAMES) -> dict:
    """Read ``embed_dims`` and ``num_layers`` of the encoder from weights.

    Raises:
        InputError: If there is no encoder under these names.
    """
    found = (re.match(names.block_norm, name) for name in state_dict)
    stages = [match[1] for match in found if match]
    if names.patch_embed not in state_dict or not stages:
        raise InputError('no SegFormer encoder in it (there is no '
                         f"'{names.patch_embed}')")
    return dict(
        embed_dims=state_dict[names.patch_embed].shape[0],
        num_layers=[stages.count(stage) for stage in sorted(set(stages))])


def resize_model_cfg(cfg: Mapping, state_dict: Mapping[str, Tensor],
                     names: Names) -> dict:
    """Give the config of a network the sizes that weights show.

    Args:
        cfg (Mapping): Of an :obj:`SSCSegmentor` with a SegFormer backbone.
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
        raise InputError(f"no 2D head in it (there is no '{names.classifier}'"
                         ')')
    num_classes, channels = state_dict[names.classifier].shape[:2]
    heads = cfg['backbone']['num_heads']
    cfg['head_2d'].update(
        in_channels=[cfg['backbone']['embed_dims'] * n for n in heads])
    for part in ('head_2d', 'tsdf_encoder', 'decode_head'):
        cfg[part].update(channels=channels)
    for part in ('head_2d', 'decode_head'):
        cfg[part].update(num_classes=num_classes)
    return cfg
