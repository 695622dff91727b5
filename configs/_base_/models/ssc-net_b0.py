# MiT-B0.
_base_ = './ssc-net_b2.py'

pretrained = 'https://download.openmmlab.com/mmsegmentation/v0.5/pretrain/segformer/mit_b0_20220624-7e0fe6dd.pth'
ssc_net = dict(
    backbone=dict(
        embed_dims=32, num_layers=[2, 2, 2, 2], init_cfg=dict(checkpoint=pretrained)
    ),
    head_2d=dict(in_channels=[32, 64, 160, 256]),
)
