# CleanerS on the TSDF alone, D = 32, by the losses of the paper alone, without
# distillation.
_base_ = [
    './_base_/models/ssc-net_depth-d32-ce.py',
    './_base_/roles/nyu-depth_baseline.py',
]

model = _base_.ssc_net
