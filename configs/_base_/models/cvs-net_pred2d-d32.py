# CVSformer with F = 32, on labels that the 2DNet has predicted.
_base_ = './cvs-net_seg2d-d32.py'

# the classes of the benchmark
ssc_net = dict(backbone=dict(num_labels=12))
