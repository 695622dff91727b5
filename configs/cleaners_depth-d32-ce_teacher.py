# CleanerS on the TSDF alone, D = 32, by the losses of the paper alone: the
# teacher, on TSDF-CAD.
_base_ = [
    './_base_/models/ssc-net_depth-d32-ce.py',
    './_base_/roles/nyu-depth_teacher.py',
]

model = _base_.ssc_net
