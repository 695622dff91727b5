# CleanerS with MiT-B2 and D = 128: the teacher, on TSDF-CAD.
_base_ = ['./_base_/models/ssc-net_b2-d128.py', './_base_/roles/nyu_teacher.py']

model = _base_.ssc_net
