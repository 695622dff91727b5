"""Names of the parts of CVSformer in its authors' network.

.. code:: text

    ours                            theirs
    backbone.                       stage2.oper_raw.
    tsdf_encoder.                   stage2.oper_tsdf.
    decode_head.body.fusion.        stage2.RotationBlock., OneViewBlock.,
                                    cls_token., pos_embed.
    decode_head.                    stage2.
"""

import re

from cleaners.models.official_keys import KeyTable, Shape

_ATTENTION = dict(query='theta', key='phi', value='g', project='W')
_CLASS_ATTENTION = dict(
    norm1='norm1',
    query='attn.q',
    key='attn.k_pro',
    value='attn.v',
    project='attn.proj',
    scale1='gamma_1',
    norm2='norm2',
    scale2='gamma_2',
)
_MLP = {'0': 'fc1', '2': 'fc2'}
_FUSION = r'decode_head\.body\.fusion\.'
_VIEW = rf'{_FUSION}view_tokens\.(\d)\.'
_ALL_VIEWS = 'stage2.OneViewBlock.'


# theirs are flat rows: convolution, norm, ReLU, convolution, ...
def _in_row(match: re.Match) -> int:
    return 3 * int(match[1]) + int(match[2])


def _block(match: re.Match) -> str:
    return f'{_ALL_VIEWS}ca_blocks.{match[1]}.0.ca_blocks.{match[2]}.'


_PARTS = (
    (r'backbone\.(\d)\.(\d)\.', lambda m: f'stage2.oper_raw.{_in_row(m)}.'),
    (r'tsdf_encoder\.(\d)\.(\d)\.', lambda m: f'stage2.oper_tsdf.{_in_row(m)}.'),
    (
        r'decode_head\.body\.stage(\d)\.(\d)\.',
        lambda m: f'stage2.semantic_layer{m[1]}.{m[2]}.',
    ),
    (
        rf'{_FUSION}turns\.(\d)\.',
        lambda m: f'stage2.RotationBlock.rotationConv{int(m[1]) + 1}.',
    ),
    (rf'{_VIEW}tokens$', lambda m: f'stage2.cls_token.{m[1]}'),
    (rf'{_VIEW}positions$', lambda m: f'stage2.pos_embed.{m[1]}'),
    (
        rf'{_VIEW}blocks\.(\d)\.mlp\.(\d)',
        lambda m: f'{_block(m)}mlp.{_MLP[m[3]]}',
    ),
    (
        rf'{_VIEW}blocks\.(\d)\.(\w+)',
        lambda m: f'{_block(m)}{_CLASS_ATTENTION[m[3]]}',
    ),
    (
        rf'{_VIEW}conv\.0\.',
        lambda m: f'{_ALL_VIEWS}conv_blocks.{m[1]}.0.ca_blocks.0.conv_layer.',
    ),
    (rf'{_FUSION}fuse_tokens\.', lambda m: f'{_ALL_VIEWS}conv_channel_proj_1.'),
    (
        rf'{_FUSION}attentions\.(\d)\.(\w+)',
        lambda m: f'{_ALL_VIEWS}nonlocal_cross_attention_{m[1]}.{_ATTENTION[m[2]]}',
    ),
    (rf'{_FUSION}fuse_views\.', lambda m: f'{_ALL_VIEWS}conv_channel_proj_3d.'),
    (
        r'decode_head\.body\.up(\d)\.',
        lambda m: f'stage2.classify_semantic.{int(m[1]) - 1}.',
    ),
    (r'decode_head\.classifier\.', lambda m: 'stage2.classify_semantic.2.1.'),
)

# their parts that nothing calls, shaped as ones that are called
_COPIES = (
    (
        rf'{re.escape(_ALL_VIEWS)}ca_blocks\.(\d\.0)\.(.+)',
        r'stage2.MultiView.blocks.0.sa_blocks.\1.\2',
    ),
    (
        rf'{re.escape(_ALL_VIEWS)}conv_channel_proj_1\.(.+)',
        rf'{_ALL_VIEWS}conv_channel_proj.\1',
    ),
    (
        rf'{re.escape(_ALL_VIEWS)}conv_channel_proj_3d\.(.+)',
        r'stage2.conv_channel_proj.\1',
    ),
)
_VIEW_NORMS = (
    'OneViewBlock.ca_blocks',
    'OneViewBlock.conv_blocks',
    'MultiView.blocks.0.sa_blocks',
)
_SET_ATTENTION = tuple(f'mab{i}.fc_{part}' for i in (0, 1) for part in 'qkvo')
_PHOTO_CHANNELS = 2048  # of a ResNet-50, which is not there
_SKETCH_LABELS = 2


def _list_unused(shapes: dict[str, Shape]) -> dict[str, Shape]:
    """List what their network owns but never uses, beside bottlenecks."""
    (channels,) = shapes['stage2.oper_raw.7.weight']
    unused = {
        'stage2.downsample.0.weight': (channels, _PHOTO_CHANNELS, 1, 1),
        'stage2.downsample.1.num_batches_tracked': (),
        'stage2.classify_semantic.3.1.weight': (_SKETCH_LABELS, channels, 1, 1, 1),
        'stage2.classify_semantic.3.1.bias': (_SKETCH_LABELS,),
    }
    for leaf in ('weight', 'bias', 'running_mean', 'running_var'):
        unused[f'stage2.downsample.1.{leaf}'] = (channels,)
    for name, shape in shapes.items():
        for pattern, copy in _COPIES:
            match = re.fullmatch(pattern, name)
            if match:
                unused[match.expand(copy)] = shape
    wide = 2 * channels
    for view in (name[-1] for name in shapes if 'cls_token' in name):
        for part in _VIEW_NORMS:
            for leaf in ('weight', 'bias'):
                unused[f'stage2.{part}.{view}.0.norm.{leaf}'] = (wide,)
        for part in _SET_ATTENTION:
            prefix = f'stage2.MultiView.blocks.0.cross_blocks.{view}.0.{part}'
            unused.update({f'{prefix}.weight': (wide, wide), f'{prefix}.bias': (wide,)})
    return unused


CVSFORMER = KeyTable(_PARTS, r'stage2\.semantic_layer\d\.[1-9]\.', _list_unused)
