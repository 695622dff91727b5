# MiT-B1.
_base_ = './ssc-net_b2.py'

pretrained = 'https://download.openmmlab.com/mmsegmentation/v0.5/pretrain/segformer/mit_b1_20220624-02e5a6a1.pth'
ssc_net = dict(
    backbone=dict(num_layers=[2, 2, 2, 2], init_cfg=dict(checkpoint=pretrained))
)
