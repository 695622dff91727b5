# A small network for a laptop and a short training: MiT-B0, D = 16, little
# dropout. Its backbone is trained, so that it needs no pretrained weights.
_base_ = './ssc-net_b0.py'

ssc_net = dict(
    channels=16,
    backbone=dict(init_cfg=None),
    freeze_backbone=False,
    head_2d=dict(dropout=0.1),
    tsdf_encoder=dict(stem_channels=(3, 16), dropout=0.1))
