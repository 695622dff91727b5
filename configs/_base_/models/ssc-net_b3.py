# MiT-B3.
_base_ = './ssc-net_b2.py'

pretrained = 'https://download.openmmlab.com/mmsegmentation/v0.5/pretrain/segformer/mit_b3_20220624-13b1141c.pth'
ssc_net = dict(
    backbone=dict(num_layers=[3, 4, 18, 3], init_cfg=dict(checkpoint=pretrained))
)
