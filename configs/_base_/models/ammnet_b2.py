# AMMNet's network with MiT-B2: T modulates V in place of being added to it.
_base_ = './ssc-net_b2.py'

ssc_net = dict(decode_head=dict(type='ModulatedSSCHead'))
