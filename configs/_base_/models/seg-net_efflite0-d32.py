# The 2DNet with EfficientNet-Lite0 and D = 32.
_base_ = './seg-net_efflite0.py'

seg_net = dict(head_2d=dict(channels=32))
