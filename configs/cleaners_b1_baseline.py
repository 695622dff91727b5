# CleanerS with MiT-B1, on noisy TSDF without distillation.
_base_ = ['./_base_/models/ssc-net_b1.py', './_base_/roles/nyu_baseline.py']

model = _base_.ssc_net
