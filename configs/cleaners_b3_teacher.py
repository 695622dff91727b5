# CleanerS with MiT-B3: the teacher, on TSDF-CAD.
_base_ = ['./_base_/models/ssc-net_b3.py', './_base_/roles/nyu_teacher.py']

model = _base_.ssc_net
