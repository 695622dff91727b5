# The small network on synthetic rooms: the teacher, on TSDF-CAD.
_base_ = [
    './_base_/models/ssc-net_b0-small.py', './_base_/roles/synth_teacher.py'
]

model = _base_.ssc_net
