# CleanerS with MiT-B4: the teacher, on TSDF-CAD.
_base_ = ['./_base_/models/ssc-net_b4.py', './_base_/roles/nyu_teacher.py']

model = _base_.ssc_net
