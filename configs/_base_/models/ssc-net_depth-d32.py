# The TSDF alone, with D = 32.
_base_ = './ssc-net_depth.py'

ssc_net = dict(channels=32)
