# CleanerS on the TSDF alone, without distillation.
_base_ = ['./_base_/models/ssc-net_depth.py', './_base_/roles/nyu-depth_baseline.py']

model = _base_.ssc_net
