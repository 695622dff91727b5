# MiT-B2, frozen, with the weights of the SegFormer release.
_base_ = './ssc-net.py'

pretrained = 'https://download.openmmlab.com/mmsegmentation/v0.5/pretrain/segformer/mit_b2_20220624-66e8bf70.pth'
ssc_net = dict(
    backbone=dict(
        type='SegFormerMiT',
        embed_dims=64,
        num_layers=[3, 4, 6, 3],
        num_heads=[1, 2, 5, 8],
        sr_ratios=[8, 4, 2, 1],
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=pretrained),
    ),
    head_2d=dict(type='Fusion2DHead', in_channels=[64, 128, 320, 512]),
)
