# MiT-B2 with D = 64.
_base_ = './ssc-net_b2.py'

ssc_net = dict(channels=64)
