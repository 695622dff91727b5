# The small network on synthetic rooms: the teacher, on TSDF-CAD.
_base_ = ['./_base_/models/ssc-net_efflite0-d32.py', './_base_/roles/synth_teacher.py']

model = _base_.ssc_net
