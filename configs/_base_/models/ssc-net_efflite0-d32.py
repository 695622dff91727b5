# EfficientNet-Lite0, with D = 32.
_base_ = './ssc-net_efflite0.py'

ssc_net = dict(channels=32)
