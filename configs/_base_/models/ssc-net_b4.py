# MiT-B4.
_base_ = './ssc-net_b2.py'

pretrained = 'https://download.openmmlab.com/mmsegmentation/v0.5/pretrain/segformer/mit_b4_20220624-d588d980.pth'
ssc_net = dict(
    backbone=dict(num_layers=[3, 8, 27, 3], init_cfg=dict(checkpoint=pretrained))
)
