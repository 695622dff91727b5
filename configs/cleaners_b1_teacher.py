# CleanerS with MiT-B1: the teacher, on TSDF-CAD.
_base_ = ['./_base_/models/ssc-net_b1.py', './_base_/roles/nyu_teacher.py']

model = _base_.ssc_net
