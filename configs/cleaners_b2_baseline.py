# CleanerS with MiT-B2, on noisy TSDF without distillation.
_base_ = ['./_base_/models/ssc-net_b2.py', './_base_/roles/nyu_baseline.py']

model = _base_.ssc_net
