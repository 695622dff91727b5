# CleanerS on the TSDF alone: the teacher, on TSDF-CAD.
_base_ = ['./_base_/models/ssc-net_depth.py', './_base_/roles/nyu-depth_teacher.py']

model = _base_.ssc_net
