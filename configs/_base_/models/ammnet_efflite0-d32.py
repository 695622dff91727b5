# AMMNet's network with EfficientNet-Lite0 and D = 32.
_base_ = './ssc-net_efflite0-d32.py'

ssc_net = dict(decode_head=dict(type='ModulatedSSCHead'))
