"""Names of the parts of 3D-Sketch in its authors' network.

.. code:: text

    ours                            theirs
    backbone.                       backbone.
    head_2d.reduce.                 stage2.downsample.
    tsdf_encoder.                   stage1.
    tsdf_encoder.{raw,prior}_stem.  stage2.oper_sketch., oper_sketch_cvae.
    decode_head.                    stage2.
"""

import re

from cleaners.models.official_keys import KeyTable

_ENCODERS = dict(condition='decoder_x', recognition='encoder')
_STEMS = dict(raw='oper_sketch', prior='oper_sketch_cvae')
# ours have stems of three, one and one convolution, and poolings between
_ENCODER_STARTS = {'0': 0, '2': 10, '4': 14}


# theirs are flat rows: convolution, norm, ReLU, convolution, ...
def _in_row(convolution: str, layer: str, start: int = 0) -> int:
    return start + 3 * int(convolution) + int(layer)


def _backbone_stem(match: re.Match) -> str:
    number, is_norm = divmod(int(match[1]), 3)
    return f'backbone.{"bn" if is_norm else "conv"}{number + 1}.'


def _head_parts(ours: str, stage: str, layers: str, classifier: str) -> tuple:
    """Return the parts of an SSCHead, body and classifier."""
    return (
        (
            rf'{ours}\.body\.stage(\d)\.(\d)\.',
            lambda m: f'{stage}.{layers}{m[1]}.{m[2]}.',
        ),
        (
            rf'{ours}\.body\.up(\d)\.',
            lambda m: f'{stage}.{classifier}.{int(m[1]) - 1}.',
        ),
        (rf'{ours}\.classifier\.', lambda m: f'{stage}.{classifier}.2.1.'),
    )


_PARTS = (
    (r'backbone\.stem\.(\d)\.', _backbone_stem),
    (r'backbone\.', lambda m: 'backbone.'),
    (r'head_2d\.reduce\.', lambda m: 'stage2.downsample.'),
    (
        r'tsdf_encoder\.stem\.(\d)\.(\d)\.',
        lambda m: f'stage1.oper1.{_in_row(m[1], m[2])}.',
    ),
    *_head_parts(
        r'tsdf_encoder\.raw_head', 'stage1', 'completion_layer', 'classify_sketch'
    ),
    (
        r'tsdf_encoder\.cvae\.(condition|recognition)_encoder\.(\d)\.(\d)\.'
        r'(\d)\.',
        lambda m: (
            f'stage1.cvae.{_ENCODERS[m[1]]}.'
            f'{_in_row(m[3], m[4], _ENCODER_STARTS[m[2]])}.'
        ),
    ),
    (
        r'tsdf_encoder\.cvae\.decoder\.([01])\.(\d)\.',
        lambda m: f'stage1.cvae.decoder.{_in_row(m[1], m[2])}.',
    ),
    (r'tsdf_encoder\.cvae\.decoder\.3\.', lambda m: 'stage1.cvae.decoder.7.'),
    (r'tsdf_encoder\.cvae\.(mean|log_var)\.', lambda m: f'stage1.cvae.{m[1]}.'),
    (
        r'tsdf_encoder\.(raw|prior)_stem\.(\d)\.(\d)\.',
        lambda m: f'stage2.{_STEMS[m[1]]}.{_in_row(m[2], m[3])}.',
    ),
    *_head_parts('decode_head', 'stage2', 'semantic_layer', 'classify_semantic'),
)
SKETCH3D = KeyTable(_PARTS, r'(?:stage1\.completion|stage2\.semantic)_layer\d\.[1-9]\.')
