# A small network for a laptop and a short training: MiT-B0, D = 16, little
# dropout. Its backbone is trained, so that it needs no pretrained weights.
_base_ = './ssc-net_b2.py'

channels = 16
ssc_net = dict(
    backbone=dict(embed_dims=32, num_layers=[2, 2, 2, 2], init_cfg=None),
    freeze_backbone=False,
    neck_2d=dict(
        in_channels=[32, 64, 160, 256], channels=channels, dropout=0.1),
    tsdf_encoder=dict(
        channels=channels, stem_channels=(3, 16), dropout=0.1),
    decode_head=dict(channels=channels))
