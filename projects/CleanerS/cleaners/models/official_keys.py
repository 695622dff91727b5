"""Names and shapes of our tensors in the authors' network.

One table pairs every tensor of our network with the tensors that hold it in
the authors' state_dict; both directions read it. A method that adds parts to
the network adds them to the table.

.. code:: text

    ours                        theirs
    backbone.                   encoder.       (mmseg's names / SegFormer's)
    head_2d.                    head.
    tsdf_encoder.               TSDFNet.
    decode_head.                complete.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Callable, NamedTuple

from torch import Tensor

from ..utils.errors import InputError

Shape = tuple[int, ...]

# Pattern of our key -> the authors' form of that part, first match only.
_PARTS = (
    (
        r'backbone\.layers\.(\d)\.0\.projection\.',
        lambda m: f'encoder.patch_embed{int(m[1]) + 1}.proj.',
    ),
    (
        r'backbone\.layers\.(\d)\.0\.norm\.',
        lambda m: f'encoder.patch_embed{int(m[1]) + 1}.norm.',
    ),
    (
        r'backbone\.layers\.(\d)\.1\.(\d+)\.',
        lambda m: f'encoder.block{int(m[1]) + 1}.{m[2]}.',
    ),
    (r'backbone\.layers\.(\d)\.2\.', lambda m: f'encoder.norm{int(m[1]) + 1}.'),
    (r'head_2d\.linears\.(\d)\.', lambda m: f'head.linear_c{int(m[1]) + 1}.proj.'),
    (r'head_2d\.fuse\.', lambda m: 'head.linear_fuse.'),
    (r'head_2d\.classifier\.', lambda m: 'head.linear_pred.'),
    # theirs is one flat row: convolution, norm, ReLU, convolution, ...
    (
        r'tsdf_encoder\.stem\.(\d)\.(\d)\.',
        lambda m: f'TSDFNet.oper1.{3 * int(m[1]) + int(m[2])}.',
    ),
    (
        r'tsdf_encoder\.body\.stage(\d)\.(\d)\.',
        lambda m: f'TSDFNet.completion_layer{m[1]}.{m[2]}.',
    ),
    (r'tsdf_encoder\.body\.up(\d)\.', lambda m: f'TSDFNet.enc_tsdf.{int(m[1]) - 1}.'),
    (
        r'decode_head\.body\.stage(\d)\.(\d)\.',
        lambda m: f'complete.semantic_layer{m[1]}.{m[2]}.',
    ),
    (
        r'decode_head\.body\.up(\d)\.',
        lambda m: f'complete.classify_semantic.{int(m[1]) - 1}.',
    ),
    (r'decode_head\.classifier\.', lambda m: 'complete.classify_semantic.2.1.'),
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


class KeyTable(NamedTuple):
    """Where the authors keep the parts of a network.

    Attributes:
        parts (tuple): Pattern of our key, and what gives the authors' form of
            that part from its match; the first that matches counts.
        stride_1 (str): Pattern of their bottlenecks of stride 1.
        list_unused (Callable): Gives names and shapes of what else they own
            but never use, from the shapes that ours pairs with.
    """

    parts: tuple[tuple[str, Callable[[re.Match], str]], ...]
    stride_1: str
    list_unused: Callable[[dict[str, Shape]], dict[str, Shape]] = lambda shapes: {}


CLEANERS = KeyTable(
    _PARTS, r'(?:TSDFNet\.completion|complete\.semantic)_layer\d\.[1-9]\.'
)


class Pair(NamedTuple):
    """One tensor of ours and what holds it in the authors' state_dict.

    Attributes:
        ours (str): Our name.
        theirs (tuple[str, ...]): Their name; two for the attention's input
            projection, which they split into query and key-value.
        shapes (tuple[Shape, ...]): Shape of each of ``theirs``.
    """

    ours: str
    theirs: tuple[str, ...]
    shapes: tuple[Shape, ...]


def pair_tensors(
    state_dict: Mapping[str, Tensor], table: KeyTable = CLEANERS
) -> list[Pair]:
    """Pair every tensor of our network with the authors' names and shapes.

    Args:
        state_dict (Mapping[str, Tensor]): Of an :obj:`SSCSegmentor` with a
            SegFormer backbone, of any size; only names and shapes are read.
        table (KeyTable): The method's. Defaults to :data:`CLEANERS`.

    Raises:
        InputError: If a tensor has no counterpart there (another part).
    """
    return [
        _pair(name, tuple(value.shape), table) for name, value in state_dict.items()
    ]


def _split_part(name: str, table: KeyTable) -> tuple[str, str]:
    """Give the authors' name of the part, and what follows in ours."""
    for pattern, part in table.parts:
        match = re.match(pattern, name)
        if match:
            return part(match), name[match.end() :]
    raise InputError(
        f"the authors' network has nothing like '{name}'; "
        'only networks with the same parts can be exchanged'
    )


def _pair(name: str, shape: Shape, table: KeyTable) -> Pair:
    prefix, rest = _split_part(name, table)
    in_proj = _IN_PROJ.match(rest)
    if in_proj:
        width, kind = shape[0] // 3, in_proj[1]
        return Pair(
            name,
            (f'{prefix}attn.q.{kind}', f'{prefix}attn.kv.{kind}'),
            ((width, *shape[1:]), (2 * width, *shape[1:])),
        )
    if _LINEAR_AS_CONV.match(rest):
        shape = shape[:2]
    for pattern, part in _BLOCK_PARTS:
        match = re.match(pattern, rest)
        if match:
            rest = part(match) + rest[match.end() :]
            break
    return Pair(name, (prefix + rest,), (shape,))


def unused_shapes(
    pairs: Sequence[Pair], table: KeyTable = CLEANERS
) -> dict[str, Shape]:
    """List the tensors that the authors' network owns but never uses.

    Each of their bottlenecks has three reduction branches (a 1x1x1
    convolution and its norm), which only those of stride 2 run. Ours has
    none at stride 1. What else there is, the table says.

    Returns:
        dict[str, Shape]: Names and shapes, in their layout.
    """
    shapes: dict[str, Shape] = {}
    for pair in pairs:
        match = re.match(rf'({table.stride_1})conv2\.weight$', pair.theirs[0])
        if not match:
            continue
        width = pair.shapes[0][0]
        for branch in range(2, 5):
            prefix = f'{match[1]}downsample{branch}'
            shapes[f'{prefix}.1.weight'] = (width, width, 1, 1, 1)
            for leaf in ('weight', 'bias', 'running_mean', 'running_var'):
                shapes[f'{prefix}.2.{leaf}'] = (width,)
            shapes[f'{prefix}.2.num_batches_tracked'] = ()
    return {**shapes, **table.list_unused(_paired_shapes(pairs))}


def _paired_shapes(pairs: Sequence[Pair]) -> dict[str, Shape]:
    return {
        name: shape for pair in pairs for name, shape in zip(pair.theirs, pair.shapes)
    }


def official_shapes(
    state_dict: Mapping[str, Tensor], table: KeyTable = CLEANERS
) -> dict[str, Shape]:
    """Return names and shapes of the authors' state_dict for our network.

    Args:
        state_dict, table: As :func:`pair_tensors`.
    """
    pairs = pair_tensors(state_dict, table)
    return {**_paired_shapes(pairs), **unused_shapes(pairs, table)}


class Names(NamedTuple):
    """Where a naming scheme shows the sizes of the network."""

    patch_embed: str  # (embed_dims, 3, 7, 7)
    block_norm: str  # pattern; stage and block
    classifier: str  # (num_classes, channels, 1, 1)


OFFICIAL_NAMES = Names(
    'encoder.patch_embed1.proj.weight',
    r'encoder\.block(\d)\.(\d+)\.norm1\.weight$',
    'head.linear_pred.weight',
)
OUR_NAMES = Names(
    'backbone.layers.0.0.projection.weight',
    r'backbone\.layers\.(\d)\.1\.(\d+)\.norm1\.weight$',
    'head_2d.classifier.weight',
)
