# MiT-B2 with D = 128.
_base_ = './ssc-net_b2.py'

ssc_net = dict(channels=128)
