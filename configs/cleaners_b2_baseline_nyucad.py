# CleanerS with MiT-B2 on the clean depth of NYUCAD, without distillation.
_base_ = ['./_base_/models/ssc-net_b2.py', './_base_/roles/nyucad_baseline.py']

model = _base_.ssc_net
