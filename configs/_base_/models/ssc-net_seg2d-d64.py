# A 2D segmentation as input, with D = 64.
_base_ = './ssc-net_seg2d.py'

ssc_net = dict(channels=64)
