# MiT-B2 with D = 128.
_base_ = './ssc-net_b2.py'

channels = 128
ssc_net = dict(
    head_2d=dict(channels=channels),
    tsdf_encoder=dict(channels=channels),
    decode_head=dict(channels=channels))
