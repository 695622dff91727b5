"""Names of AMMNet's own parts in its authors' network.

.. code:: text

    ours                            theirs
    decode_head.body.modulations.   complete.pre_layer_R   (gates, shifts)
    decode_head.body.guide_down.    complete.DownScale.
    decode_head.body.guide_up.      complete.UpScale.
    discriminator.                  disc.
"""

from cleaners.models.official_keys import CLEANERS, KeyTable

_PARTS = (
    (
        r'decode_head\.body\.modulations\.(\d)\.gate\.',
        lambda m: f'complete.pre_layer_R{int(m[1]) + 1}1.',
    ),
    (
        r'decode_head\.body\.modulations\.(\d)\.shift\.',
        lambda m: f'complete.pre_layer_R{int(m[1]) + 1}2.',
    ),
    (
        r'decode_head\.body\.guide_down\.([01])\.',
        lambda m: f'complete.DownScale.{m[1]}.',
    ),
    # theirs is one flat row: bottleneck, bottleneck, convolution, norm
    (
        r'decode_head\.body\.guide_down\.2\.(\d)\.',
        lambda m: f'complete.DownScale.{int(m[1]) + 2}.',
    ),
    (r'decode_head\.body\.guide_up\.', lambda m: 'complete.UpScale.'),
    (r'discriminator\.stem\.', lambda m: 'disc.conv1.'),
    (r'discriminator\.blocks\.(\d)\.', lambda m: f'disc.layer{int(m[1]) + 1}.'),
    (r'discriminator\.', lambda m: 'disc.'),
)
AMMNET = KeyTable(CLEANERS.parts + _PARTS, rf'{CLEANERS.stride_1}|disc\.layer4\.')
