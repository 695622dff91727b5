# CleanerS on the TSDF alone, D = 32, without distillation.
_base_ = [
    './_base_/models/ssc-net_depth-d32.py',
    './_base_/roles/nyu-depth_baseline.py',
]

model = _base_.ssc_net
